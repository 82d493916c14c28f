package dev.portcullis.devices.atc;

import dev.portcullis.pci.AtsEntry;

/// What a device wants to do on a page.
public enum Wanted {
  READ(AtsEntry.R),
  WRITE(AtsEntry.W),
  /// An atomic operation.
  BOTH(AtsEntry.R | AtsEntry.W);

  private final long rights;

  Wanted(long rights) {
    this.rights = rights;
  }

  /// Whether `translation` lets the device do it.
  boolean isGrantedBy(long translation) {
    return (translation & rights) == rights;
  }

  /// Whether reading is part of it.
  public boolean reads() {
    return this != WRITE;
  }

  /// Whether writing is part of it.
  public boolean writes() {
    return this != READ;
  }
}
