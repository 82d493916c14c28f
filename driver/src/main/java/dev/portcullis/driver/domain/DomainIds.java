package dev.portcullis.driver.domain;

import dev.portcullis.driver.port.DriverException;
import java.util.BitSet;

/// Domain-ids, each for one domain: caches are tagged with them, and so two domains never share
/// one. 0 is given to none: a unit in caching mode tags with it what is not there.
///
/// @vtd 6.1 Caching Mode
public final class DomainIds {
  private final BitSet taken = new BitSet();
  private final int limit;

  /// @param limit number of ids the unit has, 0 included
  public DomainIds(int limit) {
    this.limit = limit;
    taken.set(0);
  }

  synchronized int allocate() throws DriverException {
    int id = taken.nextClearBit(0);
    if (id >= limit) {
      throw new DriverException(
          DriverException.Reason.OUT_OF_DOMAIN_IDS,
          "all %d domain-ids are taken".formatted(limit - 1));
    }
    taken.set(id);
    return id;
  }

  synchronized void free(int id) {
    taken.clear(id);
  }
}
