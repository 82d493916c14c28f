package dev.portcullis.management.integrity;

import dev.portcullis.vmm.memory.PageRange;
import java.util.Optional;

/// Memory of a partition that must not change.
///
/// @param name for people
/// @param guest guest physical pages
/// @param sha256 what all of it must be, in lower-case hexadecimal; if empty, what it is when it is
///   first looked at
public record WatchedRange(String name, PageRange guest, Optional<String> sha256) {

  @Override
  public String toString() {
    return "\"%s\" (%s)".formatted(name, guest);
  }
}
