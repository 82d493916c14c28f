package dev.portcullis.vmm.nativeos.dma;

import dev.portcullis.driver.fault.FaultRecord.RequestType;
import dev.portcullis.driver.table.Rights;

/// Which way data go through a buffer.
public enum Direction {
  /// The device reads.
  TO_DEVICE(Rights.READ),
  /// The device writes.
  FROM_DEVICE(Rights.WRITE),
  BOTH(Rights.READ_WRITE);

  private final Rights rights;

  Direction(Rights rights) {
    this.rights = rights;
  }

  /// What the device may do.
  public Rights rights() {
    return rights;
  }

  /// Whether the device may do this.
  boolean permits(RequestType type) {
    return switch (this) {
      case TO_DEVICE -> type == RequestType.READ;
      case FROM_DEVICE -> type == RequestType.WRITE;
      case BOTH -> true;
    };
  }

  /// What the device may do, for people.
  String words() {
    return switch (this) {
      case TO_DEVICE -> "to read";
      case FROM_DEVICE -> "to write";
      case BOTH -> "to read and write";
    };
  }
}
