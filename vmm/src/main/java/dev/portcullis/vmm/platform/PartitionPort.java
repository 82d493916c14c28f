package dev.portcullis.vmm.platform;

import dev.portcullis.pci.Completion;
import dev.portcullis.pci.UpstreamPort;
import dev.portcullis.vmm.interrupt.Delivery;
import dev.portcullis.vmm.partition.ProcessorView;
import java.lang.foreign.MemorySegment;

/// The way out of a function that the monitor plays for one partition: to the partition's memory,
/// without a unit; interrupts go to the partition.
///
/// @param memory as devices see it that the monitor plays
public record PartitionPort(ProcessorView memory, Delivery interrupts) implements UpstreamPort {

  @Override
  public Completion read(long gpa, MemorySegment to, long toOffset, long bytes) {
    return completion(memory.read(gpa, to, toOffset, bytes));
  }

  @Override
  public Completion write(long gpa, MemorySegment from, long fromOffset, long bytes) {
    return completion(memory.write(gpa, from, fromOffset, bytes));
  }

  @Override
  public Completion zeroLengthRead(long gpa) {
    return completion(memory.isMapped(gpa));
  }

  @Override
  public Completion message(long address, int data) {
    interrupts.inject(address, data);
    return Completion.SUCCESS;
  }

  private static Completion completion(boolean done) {
    return done ? Completion.SUCCESS : Completion.UNSUPPORTED_REQUEST;
  }
}
