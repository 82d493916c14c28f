package dev.portcullis.management.recovery;

import java.util.Locale;

/// What becomes of a partition's data when it is rebuilt: of its disks that have no safe image, and
/// of what is behind the image on those that have one.
public enum DataDisk {
  /// It stays as it is.
  KEEP,
  /// It is afterwards what the management file names an image of, and zeroes otherwise.
  REPLACE;

  /// As people write it.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// What somebody wrote.
  ///
  /// @throws IllegalArgumentException if it is neither
  public static DataDisk of(String word) {
    for (DataDisk one : values()) {
      if (one.word().equals(word)) {
        return one;
      }
    }
    throw new IllegalArgumentException("\"" + word + "\" is none of keep, replace");
  }
}
