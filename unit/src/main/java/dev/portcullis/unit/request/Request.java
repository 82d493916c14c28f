package dev.portcullis.unit.request;

/// What a device wants to do at an address, and which rights it needs there.
///
/// @vtd 3.4 DMA Remapping
public enum Request {
  READ(Rights.READ, Rights.READ),
  WRITE(Rights.WRITE, Rights.WRITE),
  /// A fetch-and-add, a swap or a compare-and-swap.
  ATOMIC(Rights.READ | Rights.WRITE, Rights.READ | Rights.WRITE),
  /// A read of one doubleword without byte enables: it moves no data, and a right to write is
  /// enough for it where the unit says so.
  ZERO_LENGTH_READ(Rights.READ, Rights.ZERO_LENGTH_READ);

  private final int rights;
  private final int cachedRights;

  Request(int rights, int cachedRights) {
    this.rights = rights;
    this.cachedRights = cachedRights;
  }

  /// The bits of [Rights] the page tables must grant, the exception for zero-length reads aside.
  public int rights() {
    return rights;
  }

  /// The bits of [Rights] a cached translation must have.
  public int cachedRights() {
    return cachedRights;
  }
}
