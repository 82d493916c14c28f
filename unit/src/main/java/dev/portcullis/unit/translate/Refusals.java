package dev.portcullis.unit.translate;

import dev.portcullis.pci.AtsEntry;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.fault.FaultLog;
import dev.portcullis.unit.request.Blocked;
import dev.portcullis.unit.request.Responses;
import dev.portcullis.unit.signal.Outbox;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/// Station 8 of a DMA that goes wrong: counts the refusal, records it, and lets its message out.
public final class Refusals {
  private final FaultLog log;
  private final Outbox outbox;
  private final long recordedAddressBits;
  private final AtomicLongArray byReason = new AtomicLongArray(FaultReason.values().length);

  public Refusals(FaultLog log, Outbox outbox, Capabilities capabilities) {
    this.log = log;
    this.outbox = outbox;
    this.recordedAddressBits = (1L << widestAddressBits(capabilities)) - 1;
  }

  /// Refuses the request of `walker`, in the way its kind is refused.
  ///
  /// @param recordsFaults whether no fault-processing-disable bit was met
  /// @return a code of [Blocked]; or, of a translation request that succeeds without any right, the
  ///   completion's bytes
  long refuse(FaultReason reason, boolean recordsFaults, Walker walker) {
    Completion completion = Responses.to(walker.kind(), reason);
    boolean recoverable = completion.isSuccess();
    byReason.getAndIncrement(reason.ordinal());
    boolean recorded = reason.fpd() == FaultReason.Fpd.ALWAYS_RECORDED || recordsFaults;
    if (recorded && (!recoverable || reason == FaultReason.FIRST_STAGE_UPDATE_FAILED)) {
      log.record(
          reason,
          walker.sourceId,
          walker.iova & recordedAddressBits,
          walker.kind(),
          walker.prefix,
          walker.request());
      outbox.flush();
    }
    return recoverable ? privilege(walker.prefix) : Blocked.of(reason, completion);
  }

  /// PRIV of a completion, whether or not it grants anything.
  static long privilege(int prefix) {
    return PasidPrefix.isPrivileged(prefix) ? AtsEntry.PRIV : 0;
  }

  /// Refuses an interrupt request, or what is none in the range of interrupts.
  ///
  /// @param information FI: where the index is known, it is in the upper 16 bits
  /// @param recordsFaults whether no fault-processing-disable bit was met
  /// @return a code of [Blocked]
  /// @vtd 5.1.4.1 Interrupt Remapping Fault Conditions
  public long refuseInterrupt(
      FaultReason reason, int sourceId, long information, boolean recordsFaults) {
    byReason.getAndIncrement(reason.ordinal());
    if (recordsFaults || reason.fpd() == FaultReason.Fpd.ALWAYS_RECORDED) {
      log.recordInterrupt(reason, sourceId, information);
      outbox.flush();
    }
    return Blocked.untranslated(reason);
  }

  /// Bits of an address that the deepest tables of the unit translate.
  private static int widestAddressBits(Capabilities capabilities) {
    if (capabilities.capability().supportsLevels(5)
        || capabilities.has(Feature.FIRST_STAGE_5_LEVELS)) {
      return 57;
    }
    boolean four = capabilities.capability().supportsLevels(4);
    return four || capabilities.has(Feature.FIRST_STAGE) ? 48 : 39;
  }

  /// How often each reason came up, recorded or not; those that never did are not in it.
  public Map<FaultReason, Long> byReason() {
    Map<FaultReason, Long> counts = new EnumMap<>(FaultReason.class);
    for (FaultReason reason : FaultReason.values()) {
      long count = byReason.get(reason.ordinal());
      if (count > 0) {
        counts.put(reason, count);
      }
    }
    return counts;
  }
}
