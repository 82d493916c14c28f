package dev.portcullis.vmm.audit;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What a record of the log says.
public enum RecordKind {
  /// The log begins.
  GENESIS,
  /// The log goes on in another file.
  CONTINUED,
  /// What a writer that died left of a last line was cut off.
  RECOVERED,
  /// Something has happened.
  EVENT;

  /// As it is written.
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<RecordKind> of(String word) {
    return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst();
  }
}
