package dev.portcullis.vmm.fault;

import dev.portcullis.driver.fault.FaultRecord;
import dev.portcullis.vmm.event.EventBus;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.event.Subject;
import dev.portcullis.vmm.fault.FaultEvent.Lost;
import dev.portcullis.vmm.fault.FaultEvent.Refused;
import dev.portcullis.vmm.fault.FaultEvent.Withheld;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/// Tells management what the desk tells.
public final class FaultNews implements Consumer<FaultEvent> {
  private final EventBus bus;

  public FaultNews(EventBus bus) {
    this.bus = bus;
  }

  /// Never waits.
  @Override
  public void accept(FaultEvent event) {
    switch (event) {
      case Refused refused ->
          bus.publish(
              EventType.FAULT_REFUSED,
              FaultClass.of(refused.record()).severity(),
              Subject.of(refused.function(), refused.partition()),
              refused.toString(),
              fields(refused.record()));
      case Withheld more ->
          bus.publish(
              EventType.FAULT_WITHHELD,
              Severity.WARNING,
              Subject.of(more.function(), more.partition()),
              more.toString(),
              Map.of("count", more.count()));
      case Lost lost ->
          bus.publish(
              EventType.FAULT_LOST, Severity.WARNING, Subject.PLATFORM, lost.toString(), Map.of());
    }
  }

  private static Map<String, Object> fields(FaultRecord record) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("reason-code", record.reasonCode());
    record.reason().ifPresent(reason -> fields.put("reason", reason.name()));
    fields.put("class", FaultClass.of(record).word());
    if (record.isInterrupt()) {
      fields.put("interrupt-index", record.interruptIndex());
    } else {
      fields.put("request", record.type().name());
      fields.put("address", "%#x".formatted(record.address()));
    }
    record.pasid().ifPresent(pasid -> fields.put("pasid", pasid));
    return fields;
  }
}
