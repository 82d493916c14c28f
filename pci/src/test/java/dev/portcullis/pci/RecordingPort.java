package dev.portcullis.pci;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// The far end of a port: notes messages, and answers memory requests as it is told to.
final class RecordingPort implements UpstreamPort {
  final List<String> messages = new ArrayList<>();
  Completion answer = Completion.SUCCESS;
  int requests;

  @Override
  public Completion read(long iova, MemorySegment to, long toOffset, long lengthBytes) {
    requests++;
    return answer;
  }

  @Override
  public Completion write(long iova, MemorySegment from, long fromOffset, long lengthBytes) {
    requests++;
    return answer;
  }

  @Override
  public Completion zeroLengthRead(long iova) {
    requests++;
    return answer;
  }

  @Override
  public Completion message(long address, int data) {
    messages.add("%x=%x".formatted(address, data));
    return answer;
  }
}
