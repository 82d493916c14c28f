package dev.portcullis.driver.invalidation;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.DriverException.Reason;
import dev.portcullis.driver.port.Patience;
import dev.portcullis.driver.port.Platform;
import dev.portcullis.driver.port.RegisterPort;
import dev.portcullis.spec.descriptor.ContextCacheInvalidate;
import dev.portcullis.spec.descriptor.InvalidationDescriptor;
import dev.portcullis.spec.descriptor.IotlbInvalidate;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.InvalidationRegisters;

/// Invalidates by registers, on a unit without a queue: legacy mode only, one command at a time.
///
/// @vtd 6.5.1 Register-based Invalidation Interface
public final class RegisterInvalidation implements Invalidator {
  private final RegisterPort registers;
  private final Patience patience;
  private final int iva;

  public RegisterInvalidation(Platform platform, Capabilities capabilities) {
    this.registers = platform.registers();
    this.patience = platform.patience();
    this.iva = capabilities.extended().invalidateAddressOffset();
  }

  @Override
  public synchronized void submit(InvalidationBatch batch) throws DriverException {
    for (int i = 0; i < batch.count(); i++) {
      switch (InvalidationDescriptor.type(batch.lo(i))) {
        case ContextCacheInvalidate.TYPE ->
            carryOut(new ContextCacheInvalidate(batch.lo(i), batch.hi(i)));
        case IotlbInvalidate.TYPE -> carryOut(new IotlbInvalidate(batch.lo(i), batch.hi(i)));
        default ->
            throw new IllegalArgumentException("no register invalidates this: descriptor " + i);
      }
    }
  }

  private void carryOut(ContextCacheInvalidate wanted) throws DriverException {
    long command =
        InvalidationRegisters.ICC.mask()
            | InvalidationRegisters.CIRG.encode(wanted.granularity().code())
            | InvalidationRegisters.FM.encode(wanted.functionMask())
            | InvalidationRegisters.CCMD_SID.encode(wanted.sourceId())
            | InvalidationRegisters.CCMD_DID.encode(wanted.domainId());
    int offset = InvalidationRegisters.CCMD.offset();
    registers.write64(offset, command);
    patience.await(
        "context cache invalidated",
        () -> !InvalidationRegisters.ICC.isSet(registers.read64(offset)));
    demand(InvalidationRegisters.CAIG.isSet(registers.read64(offset)), command);
  }

  private void carryOut(IotlbInvalidate wanted) throws DriverException {
    long command =
        InvalidationRegisters.IVT.mask()
            | InvalidationRegisters.IIRG.encode(wanted.granularity().code())
            | InvalidationRegisters.DR.mask()
            | InvalidationRegisters.DW.mask()
            | InvalidationRegisters.IOTLB_DID.encode(wanted.domainId());
    // IVA has the layout of the descriptor's high half.
    registers.write64(iva, wanted.hi());
    registers.write64(iva + 8, command);
    patience.await(
        "IOTLB invalidated", () -> !InvalidationRegisters.IVT.isSet(registers.read64(iva + 8)));
    demand(InvalidationRegisters.IAIG.isSet(registers.read64(iva + 8)), command);
  }

  private static void demand(boolean done, long command) throws DriverException {
    if (!done) {
      throw new DriverException(
          Reason.INVALIDATION_REFUSED, "the unit ignored the command %#x".formatted(command));
    }
  }
}
