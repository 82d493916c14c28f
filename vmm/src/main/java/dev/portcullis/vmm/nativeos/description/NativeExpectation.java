package dev.portcullis.vmm.nativeos.description;

/// Something a driver does, and what must come of it.
public sealed interface NativeExpectation {
  /// Name of the driver that does it.
  String driver();

  /// What is written to its disk is read back.
  record Disk(String driver, long bytes) implements NativeExpectation {
    @Override
    public String toString() {
      return "%s writes %,d MiB and reads the same".formatted(driver, bytes >> 20);
    }
  }

  /// The driver has its device reach where it must not: that is refused, harms nothing, and is
  /// explained with the driver, the buffer, and the distance.
  ///
  /// @param offByBytes how far off, for the bugs that are
  record Stray(String driver, Bug bug, int offByBytes) implements NativeExpectation {
    @Override
    public String toString() {
      String what =
          switch (bug) {
            case OVERRUN -> "writes %,d bytes past the end of its buffer".formatted(offByBytes);
            case MISS_BEHIND -> "writes %,d bytes behind its buffer".formatted(offByBytes);
            case MISS_BEFORE -> "writes %,d bytes before its buffer".formatted(offByBytes);
            case WRITE_READ_ONLY -> "writes to a buffer that is for reading";
            case AFTER_UNMAP -> "writes to a buffer after unmapping it";
          };
      return driver + " " + what + ", and is found";
    }
  }

  /// The same transfers with remapping, and without it through bounce buffers: measured.
  ///
  /// @param bytes how much goes each way in each of both
  record Compare(String driver, long bytes) implements NativeExpectation {
    @Override
    public String toString() {
      return "%s moves %,d MiB each way to and from high memory, remapped and bounced"
          .formatted(driver, bytes >> 20);
    }
  }

  /// What is wrong with a driver.
  enum Bug {
    /// A transfer begins in the buffer and does not end with it.
    OVERRUN,
    /// A transfer begins behind the buffer's end.
    MISS_BEHIND,
    /// A transfer ends before the buffer's beginning.
    MISS_BEFORE,
    /// A transfer goes the wrong way.
    WRITE_READ_ONLY,
    /// A transfer comes too late.
    AFTER_UNMAP
  }
}
