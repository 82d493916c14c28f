package dev.portcullis.unit.translate;

import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.unit.fault.FaultLog;
import dev.portcullis.unit.request.Blocked;
import dev.portcullis.unit.request.Request;
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

  /// Whether software wants to know of a refusal.
  enum Recording {
    RECORDED,
    SUPPRESSED
  }

  public Refusals(FaultLog log, Outbox outbox, Capabilities capabilities) {
    this.log = log;
    this.outbox = outbox;
    int widest = capabilities.capability().supportsLevels(5) ? 57 : 48;
    this.recordedAddressBits =
        (1L << (widest == 48 && !capabilities.capability().supportsLevels(4) ? 39 : widest)) - 1;
  }

  long refuse(FaultReason reason, Recording recording, int sourceId, long iova, Request request) {
    byReason.getAndIncrement(reason.ordinal());
    if (recording == Recording.RECORDED) {
      log.record(reason, sourceId, iova & recordedAddressBits, request);
      outbox.flush();
    }
    return Blocked.untranslated(reason);
  }

  long refuseInterrupt(FaultReason reason, int sourceId) {
    byReason.getAndIncrement(reason.ordinal());
    log.recordInterrupt(reason, sourceId, 0);
    outbox.flush();
    return Blocked.untranslated(reason);
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
