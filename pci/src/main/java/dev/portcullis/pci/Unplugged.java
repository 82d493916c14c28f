package dev.portcullis.pci;

import java.lang.foreign.MemorySegment;

enum Unplugged implements UpstreamPort {
  PORT;

  @Override
  public Completion read(long iova, MemorySegment to, long toOffset, long lengthBytes) {
    return Completion.UNSUPPORTED_REQUEST;
  }

  @Override
  public Completion write(long iova, MemorySegment from, long fromOffset, long lengthBytes) {
    return Completion.UNSUPPORTED_REQUEST;
  }

  @Override
  public Completion zeroLengthRead(long iova) {
    return Completion.UNSUPPORTED_REQUEST;
  }

  @Override
  public Completion message(long address, int data) {
    return Completion.UNSUPPORTED_REQUEST;
  }
}
