package dev.portcullis.vmm.nativeos;

import dev.portcullis.driver.fault.FaultRecord;
import dev.portcullis.vmm.nativeos.dma.Explanation;
import java.util.Locale;

/// An access of a device that the unit has refused, and what it means.
///
/// @param driver name of the driver whose device it is
/// @param device what people call the device
public record Finding(String driver, String device, FaultRecord record, Explanation explanation) {

  /// Address of the page that was refused.
  public long page() {
    return record.address();
  }

  /// What was wanted there: `write`, `read`, …
  public String request() {
    return record.type().name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /// Code of the unit's reason.
  public int reasonCode() {
    return record.reasonCode();
  }

  @Override
  public String toString() {
    String what =
        switch (record.type()) {
          case WRITE -> "a write to";
          case READ -> "a read of";
          case ATOMIC -> "an atomic access to";
          case PAGE_REQUEST -> "a request for";
        };
    return "driver %s, device %s (%02x:%02x.%x): %s page %#x was refused (reason %02xh): %s"
        .formatted(
            driver,
            device,
            record.sourceId() >> 8,
            record.sourceId() >> 3 & 0x1f,
            record.sourceId() & 7,
            what,
            record.address(),
            record.reasonCode(),
            explanation);
  }
}
