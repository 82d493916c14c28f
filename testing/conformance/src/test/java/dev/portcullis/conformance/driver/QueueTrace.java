package dev.portcullis.conformance.driver;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.Platform;
import dev.portcullis.driver.port.RegisterPort;
import dev.portcullis.driver.port.TableMemory;
import dev.portcullis.spec.descriptor.InvalidationDescriptor;
import dev.portcullis.spec.descriptor.InvalidationWait;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Capability;
import dev.portcullis.spec.register.ExtendedCapability;
import dev.portcullis.spec.register.GlobalRegisters;
import dev.portcullis.spec.register.QueueRegisters;
import dev.portcullis.spec.register.TableMode;
import java.util.ArrayList;
import java.util.List;

/// Registers that note which descriptors are put into the queue, waits aside.
final class QueueTrace implements RegisterPort {
  private static final long RING_BYTES = 4096;

  private final RegisterPort registers;
  private final TableMemory memory;
  private final TableMode mode;
  private final Capabilities capabilities;
  private final List<InvalidationDescriptor> seen = new ArrayList<>();
  private long ring;
  private long tail;

  QueueTrace(Platform platform, TableMode mode) throws DriverException {
    this.registers = platform.registers();
    this.memory = platform.memory();
    this.mode = mode;
    this.capabilities =
        new Capabilities(
            1,
            0,
            new Capability(registers.read64(GlobalRegisters.CAP.offset())),
            new ExtendedCapability(registers.read64(GlobalRegisters.ECAP.offset())),
            platform.hostAddressBits());
  }

  /// The descriptors since the last call.
  List<InvalidationDescriptor> take() {
    List<InvalidationDescriptor> taken = List.copyOf(seen);
    seen.clear();
    return taken;
  }

  @Override
  public int read32(int offset) throws DriverException {
    return registers.read32(offset);
  }

  @Override
  public long read64(int offset) throws DriverException {
    return registers.read64(offset);
  }

  @Override
  public void write32(int offset, int value) throws DriverException {
    if (offset == QueueRegisters.IQT.offset() && ring != 0) {
      note(value);
    }
    registers.write32(offset, value);
  }

  @Override
  public void write64(int offset, long value) throws DriverException {
    if (offset == QueueRegisters.IQA.offset()) {
      ring = QueueRegisters.IQA_BASE.inPlace(value);
      tail = 0;
    }
    registers.write64(offset, value);
  }

  private void note(long newTail) throws DriverException {
    int bytes =
        mode == TableMode.SCALABLE
            ? InvalidationDescriptor.WIDE_BYTES
            : InvalidationDescriptor.BYTES;
    for (; tail != newTail; tail = tail + bytes & RING_BYTES - 1) {
      InvalidationDescriptor descriptor =
          InvalidationDescriptor.decode(
              memory.readLong(ring + tail),
              memory.readLong(ring + tail + 8),
              0,
              mode,
              capabilities);
      if (!(descriptor instanceof InvalidationWait)) {
        seen.add(descriptor);
      }
    }
  }
}
