package dev.portcullis.management.boot;

import java.util.Optional;

/// Something that a partition boots from, measured.
///
/// @param what for people and programs: `firmware`, `kernel`, `initramfs`, `image`, `command-line`,
///   or `disk NAME`
/// @param register the platform configuration register it is extended into
/// @param value what it is: a SHA-256 digest, a disk's root hash, both in lower-case hexadecimal;
///   `data` of a disk that nobody looks at
/// @param expected what the manifest says; empty if it says nothing of it, or there is none
public record Measurement(String what, int register, String value, Optional<String> expected) {
  /// The value of a disk that nobody looks at.
  public static final String DATA = "data";

  /// Whether it is what the manifest says.
  public boolean isAsExpected() {
    return expected.filter(value::equals).isPresent();
  }
}
