package dev.portcullis.unit.command;

import static dev.portcullis.spec.register.InvalidationRegisters.ADDR;
import static dev.portcullis.spec.register.InvalidationRegisters.AM;
import static dev.portcullis.spec.register.InvalidationRegisters.CAIG;
import static dev.portcullis.spec.register.InvalidationRegisters.CCMD;
import static dev.portcullis.spec.register.InvalidationRegisters.CCMD_DID;
import static dev.portcullis.spec.register.InvalidationRegisters.CCMD_SID;
import static dev.portcullis.spec.register.InvalidationRegisters.CIRG;
import static dev.portcullis.spec.register.InvalidationRegisters.DR;
import static dev.portcullis.spec.register.InvalidationRegisters.DW;
import static dev.portcullis.spec.register.InvalidationRegisters.FM;
import static dev.portcullis.spec.register.InvalidationRegisters.IAIG;
import static dev.portcullis.spec.register.InvalidationRegisters.ICC;
import static dev.portcullis.spec.register.InvalidationRegisters.IH;
import static dev.portcullis.spec.register.InvalidationRegisters.IIRG;
import static dev.portcullis.spec.register.InvalidationRegisters.IOTLB;
import static dev.portcullis.spec.register.InvalidationRegisters.IOTLB_DID;
import static dev.portcullis.spec.register.InvalidationRegisters.IVA;
import static dev.portcullis.spec.register.InvalidationRegisters.IVT;

import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.Granularity;
import dev.portcullis.unit.cache.TranslationCaches;
import dev.portcullis.unit.drain.InFlight;
import dev.portcullis.unit.register.Cell;
import dev.portcullis.unit.register.RegisterFile;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Invalidates caches by register, for software that does not use the queue. An invalidation has
/// ended when the write that started it has.
///
/// @vtd 6.5.1 Register-based Invalidation Interface
public final class RegisterInvalidation {
  private static final int IGNORED = 0;

  private final RegisterFile file;
  private final Cell contextCommand;
  private final Cell address;
  private final Cell iotlb;
  private final TranslationCaches caches;
  private final InFlight inFlight;
  private final BooleanSupplier usable;
  private final long domainIds;
  private final int maximumAddressMask;
  private final boolean pageSelective;

  /// @param usable whether the interface may be used: legacy mode, and the queue is not enabled
  public RegisterInvalidation(
      RegisterFile file, TranslationCaches caches, InFlight inFlight, BooleanSupplier usable) {
    Capabilities capabilities = file.capabilities();
    int iva = capabilities.extended().invalidateAddressOffset();
    this.file = file;
    this.caches = caches;
    this.inFlight = inFlight;
    this.usable = () -> capabilities.invalidatesByRegister() && usable.getAsBoolean();
    this.contextCommand = file.cell(CCMD);
    this.address = file.cell(IVA, iva);
    this.iotlb = file.cell(IOTLB, iva + 8);
    this.domainIds = (1L << capabilities.capability().domainIdBits()) - 1;
    this.maximumAddressMask = capabilities.capability().maximumAddressMask();
    this.pageSelective = capabilities.has(Feature.PAGE_SELECTIVE_INVALIDATION);
    contextCommand.onCommand((before, after, written) -> contextCommanded(after, written));
    iotlb.onCommand((before, after, written) -> iotlbCommanded(after, written));
  }

  /// @vtd 6.5.1.1 Context Command Register
  private void contextCommanded(long command, long written) {
    if (!ICC.isSet(written)) {
      return;
    }
    int done = IGNORED;
    Optional<Granularity> asked = Granularity.of(CIRG.intOf(command));
    if (usable.getAsBoolean() && asked.isPresent()) {
      int domain = (int) (CCMD_DID.of(command) & domainIds);
      switch (asked.get()) {
        case GLOBAL -> caches.invalidateContexts();
        case DOMAIN -> caches.invalidateContextsOf(domain);
        case SELECTIVE ->
            caches.invalidateContextOf(domain, CCMD_SID.intOf(command), FM.intOf(command));
      }
      done = asked.get().code();
    }
    synchronized (file) {
      contextCommand.set(ICC, 0);
      contextCommand.set(CAIG, done);
    }
  }

  /// @vtd 6.5.1.2 IOTLB Registers
  private void iotlbCommanded(long command, long written) {
    if (!IVT.isSet(written)) {
      return;
    }
    int done = IGNORED;
    Optional<Granularity> asked = Granularity.of(IIRG.intOf(command));
    if (usable.getAsBoolean() && asked.isPresent()) {
      done = invalidate(asked.get(), (int) (IOTLB_DID.of(command) & domainIds));
      drain(command);
    }
    synchronized (file) {
      iotlb.set(IVT, 0);
      iotlb.set(IAIG, done);
    }
  }

  private int invalidate(Granularity asked, int domain) {
    long range = address.word();
    int pageLog2 = AM.intOf(range);
    Granularity carriedOut =
        asked == Granularity.SELECTIVE && !pageSelective ? Granularity.DOMAIN : asked;
    switch (carriedOut) {
      case GLOBAL -> caches.invalidateTranslations();
      case DOMAIN -> caches.invalidateTranslationsOf(domain);
      case SELECTIVE -> {
        if (pageLog2 > maximumAddressMask) {
          return IGNORED;
        }
        if (IH.isSet(range)) {
          caches.invalidateLeafPages(domain, ADDR.inPlace(range), pageLog2);
        } else {
          caches.invalidatePages(domain, ADDR.inPlace(range), pageLog2);
        }
      }
    }
    return carriedOut.code();
  }

  private void drain(long command) {
    Capabilities capabilities = file.capabilities();
    if (capabilities.alwaysDrains()
        || DR.isSet(command) && capabilities.has(Feature.READ_DRAINING)
        || DW.isSet(command) && capabilities.has(Feature.WRITE_DRAINING)) {
      inFlight.drain();
    }
  }
}
