package dev.portcullis.vmm.fault;

import java.util.Locale;
import java.util.Optional;

/// What can be done about a fault, the mildest first.
public enum FaultAction {
  /// Somebody is told.
  MESSAGE,
  /// The function is no bus master any more and reaches nothing; it stays its partition's.
  STOP_DEVICE,
  /// The partition that the function belongs to stops.
  HALT_PARTITION,
  /// Everything begins anew.
  REBOOT_PLATFORM;

  /// In lower case with hyphens, as it is written everywhere.
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// What to try when this fails. Nobody is stopped because a message did not get through.
  Optional<FaultAction> stronger() {
    return switch (this) {
      case MESSAGE, REBOOT_PLATFORM -> Optional.empty();
      case STOP_DEVICE -> Optional.of(HALT_PARTITION);
      case HALT_PARTITION -> Optional.of(REBOOT_PLATFORM);
    };
  }
}
