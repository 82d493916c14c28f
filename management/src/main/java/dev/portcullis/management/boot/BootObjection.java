package dev.portcullis.management.boot;

import java.util.Optional;

/// Somebody else who may keep partitions from beginning, whatever they boot from.
@FunctionalInterface
public interface BootObjection {
  /// Why a partition must not begin now; nothing if it may. Asked each time.
  Optional<String> to(String partition);
}
