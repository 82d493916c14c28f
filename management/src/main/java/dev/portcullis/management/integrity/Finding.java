package dev.portcullis.management.integrity;

import dev.portcullis.pci.RequesterId;
import java.util.Map;
import java.util.Optional;

/// What an agent has found.
///
/// @param function whose doing it was, if it was a device's
/// @param text a line for people
/// @param data fields for the event, see [dev.portcullis.vmm.event.Event#data]
public record Finding(
    Kind kind,
    String partition,
    Optional<RequesterId> function,
    String text,
    Map<String, Object> data) {

  /// What kind of finding.
  public enum Kind {
    /// Something is other than it must be.
    CHANGED,
    /// Somebody was kept from changing something.
    DENIED
  }
}
