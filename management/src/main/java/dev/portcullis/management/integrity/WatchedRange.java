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
  /// What the text of a kernel that was found is called.
  static final String TEXT = "kernel text";

  /// Whether it is a kernel's text.
  boolean isText() {
    return name.equals(TEXT);
  }

  @Override
  public String toString() {
    return "\"%s\" (%s)".formatted(name, guest);
  }
}
