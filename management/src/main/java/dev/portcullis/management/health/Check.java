package dev.portcullis.management.health;

import java.util.Arrays;
import java.util.Locale;

/// What can be looked at.
public enum Check {
  /// The remapping unit: known tables are walked for a requester that is nobody's.
  UNIT,
  /// The way from each assigned function through its partition's tables to memory, and back.
  DMA,
  /// Memory: what is free by patterns, what is a partition's by reading it.
  MEMORY,
  /// Disks: whether all of their blocks can be read, and are what a manifest says.
  DISK;

  /// Such as `unit`.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The check of that word.
  ///
  /// @throws IllegalArgumentException if there is none
  public static Check of(String word) {
    return Arrays.stream(values())
        .filter(one -> one.word().equals(word))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException("\"" + word + "\" is none of unit, dma, memory, disk"));
  }
}
