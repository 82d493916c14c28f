package dev.portcullis.driver.domain;

import dev.portcullis.driver.invalidation.InvalidationBatch;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.spec.descriptor.PasidIotlbInvalidate;
import dev.portcullis.spec.table.ContextEntry;
import dev.portcullis.spec.table.PasidEntry;
import java.util.Optional;

/// Addresses go through first-stage tables that a guest writes, and what comes out through the
/// second-stage tables of a paging domain.
///
/// The guest's invalidations must be passed on to [#invalidate].
///
/// @vtd 3.8 Nested Translation
public final class NestedDomain extends Domain {
  private final PagingDomain outer;
  private final long guestTables;
  private final int guestLevels;

  NestedDomain(UnitServices unit, PagingDomain outer, long guestTables, int guestLevels)
      throws DriverException {
    super(unit);
    this.outer = outer;
    this.guestTables = guestTables;
    this.guestLevels = guestLevels;
    outer.invalidation().nest(this);
  }

  @Override
  public ContextEntry contextEntry(Optional<DeviceTlb> deviceTlb) {
    throw new AssertionError("a nested domain in legacy mode");
  }

  @Override
  public PasidEntry pasidEntry() {
    PasidEntry second = outer.pasidEntry();
    return snooped(
        PasidEntry.nested(
            guestTables,
            guestLevels,
            second.secondStageTables(),
            second.secondStageLevels(),
            id()));
  }

  /// The guest has changed entries that translate the addresses from `first` to `last`.
  public void invalidate(long first, long last) throws DriverException {
    int pagesLog2 = Long.SIZE - Long.numberOfLeadingZeros((first ^ last) >>> 12);
    long address = pagesLog2 + 12 >= Long.SIZE ? 0 : first >>> 12 + pagesLog2 << 12 + pagesLog2;
    InvalidationBatch batch = new InvalidationBatch();
    for (Attachment place : attachments()) {
      batch.add(PasidIotlbInvalidate.pages(id(), place.pasid(), address, pagesLog2));
    }
    for (Attachment place : attachments()) {
      unit.addDeviceTlb(batch, place, address, pagesLog2);
    }
    unit.submit(batch);
  }

  /// The guest has changed any of its entries.
  public void invalidateAll() throws DriverException {
    InvalidationBatch batch = new InvalidationBatch();
    for (Attachment place : attachments()) {
      batch.add(PasidIotlbInvalidate.pasid(id(), place.pasid()));
    }
    for (Attachment place : attachments()) {
      unit.addDeviceTlb(batch, place);
    }
    unit.submit(batch);
  }

  @Override
  public void close() {
    super.close();
    outer.invalidation().unnest(this);
  }
}
