package dev.portcullis.vmm.iomodel;

import dev.portcullis.pci.Completion;
import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.MemorySegment;

/// The way from a function that the monitor plays into the partition's memory: what passes is what
/// the monitor copies, rings and headers included.
record CountedPort(UpstreamPort memory, Tally tally) implements UpstreamPort {

  @Override
  public Completion read(long gpa, MemorySegment to, long toOffset, long bytes) {
    tally.copied(bytes);
    return memory.read(gpa, to, toOffset, bytes);
  }

  @Override
  public Completion write(long gpa, MemorySegment from, long fromOffset, long bytes) {
    tally.copied(bytes);
    return memory.write(gpa, from, fromOffset, bytes);
  }

  @Override
  public Completion zeroLengthRead(long gpa) {
    return memory.zeroLengthRead(gpa);
  }

  @Override
  public Completion message(long address, int data) {
    tally.interrupted();
    return memory.message(address, data);
  }
}
