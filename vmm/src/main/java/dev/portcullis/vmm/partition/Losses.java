package dev.portcullis.vmm.partition;

import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.VmmException.Reason;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.memory.Quarantine;
import java.util.ArrayList;
import java.util.List;

/// Takes pages out of a partition's tables, and holds those that devices may still reach: neither
/// where they were nor what they are is mapped to anything else before the unit has forgotten them.
///
/// For one thread at a time: whoever has the ledger's lock.
final class Losses implements Quarantine.Holder {
  private final String name;
  private final PagingDomain domain;
  private final Quarantine quarantine;
  private final List<Mapping> held = new ArrayList<>();
  private Invalidation invalidation = Invalidation.STRICT;
  private long heldPages;
  private Unmappings count = new Unmappings(0, 0, 0);

  /// @param name of the partition
  Losses(String name, PagingDomain domain, Quarantine quarantine) {
    this.name = name;
    this.domain = domain;
    this.quarantine = quarantine;
  }

  Invalidation invalidation() {
    return invalidation;
  }

  /// Changes how it is done from now on; all is settled when it returns.
  void invalidation(Invalidation wanted) throws VmmException {
    settle();
    invalidation = wanted;
  }

  Unmappings count() {
    return count;
  }

  /// What devices may still reach.
  List<Mapping> held() {
    return List.copyOf(held);
  }

  /// Takes `mapping` out of the tables.
  ///
  /// @throws DriverException if the unit fails; part of it may be out then, and none of it is held
  void take(Mapping mapping) throws DriverException {
    PageRange guest = mapping.guest();
    long pages = guest.bytes() / PageRange.PAGE_BYTES;
    switch (invalidation) {
      case STRICT -> domain.unmap(guest.first(), guest.bytes());
      case DEFERRED -> {
        domain.unmapLater(guest.first(), guest.bytes());
        held.add(mapping);
        heldPages += pages;
        quarantine.hold(this, mapping.hostPages());
      }
    }
    long now = invalidation == Invalidation.STRICT ? 1 : 0;
    count = new Unmappings(count.ranges() + 1, count.pages() + pages, count.invalidations() + now);
  }

  /// Whether as many pages wait as may.
  boolean isFull() {
    return heldPages >= quarantine.bounds().pages();
  }

  /// When it returns, devices meet nothing old at `guest`, and nobody's reach `host` by what was
  /// mapped before.
  void settle(PageRange guest, PageRange host) throws VmmException {
    if (held.stream().anyMatch(one -> one.guest().overlaps(guest))) {
      settle();
    }
    quarantine.settle(host);
  }

  @Override
  public void settle() throws VmmException {
    if (held.isEmpty()) {
      return;
    }
    try {
      domain.flush();
    } catch (DriverException e) {
      throw new VmmException(
          Reason.UNIT,
          "cannot have the unit forget what partition %s has lost: %s"
              .formatted(name, e.getMessage()),
          e);
    }
    count = new Unmappings(count.ranges(), count.pages(), count.invalidations() + 1);
    held.clear();
    heldPages = 0;
    quarantine.settled(this);
  }
}
