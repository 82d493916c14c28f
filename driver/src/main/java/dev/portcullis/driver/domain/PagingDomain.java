package dev.portcullis.driver.domain;

import dev.portcullis.driver.invalidation.InvalidationBatch;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.table.PageTables;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.table.ContextEntry;
import dev.portcullis.spec.table.PasidEntry;
import java.util.Optional;

/// Addresses go through page tables that the driver writes: second-stage or first-stage ones.
///
/// Unmapping is strict unless asked otherwise: when it returns, no device reaches the page.
public final class PagingDomain extends Domain {
  private final Stage stage;
  private final Snoop snoop;
  private final PageTables tables;
  private final RangeInvalidation invalidation;
  private final InvalidationBatch batch = new InvalidationBatch();
  private final PageTables.Removed removed = new PageTables.Removed();
  private final PageTables.BeforeSplit beforeSplit = this::forgetSplit;

  /// Whether something was unmapped that the unit has not been made to forget.
  private boolean isDeferred;

  /// Which tables.
  public enum Stage {
    FIRST,
    SECOND
  }

  /// Whether devices' accesses to pages look into the processor's caches.
  public enum Snoop {
    /// As each request says.
    AS_REQUESTED,
    /// Always, if the unit can see to it.
    FORCED
  }

  /// @param tables empty, of the right stage
  PagingDomain(UnitServices unit, Stage stage, Snoop snoop, PageTables tables)
      throws DriverException {
    super(unit);
    this.stage = stage;
    this.snoop = snoop;
    this.tables = tables;
    this.invalidation = new RangeInvalidation(unit, this);
  }

  public Stage stage() {
    return stage;
  }

  /// Addresses that can be mapped are below 2 to this.
  public int addressBits() {
    return tables.format().addressBits();
  }

  RangeInvalidation invalidation() {
    return invalidation;
  }

  @Override
  public ContextEntry contextEntry(Optional<DeviceTlb> deviceTlb) {
    int type = deviceTlb.isPresent() ? ContextEntry.TT_DEVICE_TLB : ContextEntry.TT_SECOND_STAGE;
    return ContextEntry.present(type, tables.root(), tables.format().levels(), id());
  }

  @Override
  public PasidEntry pasidEntry() {
    PasidEntry entry =
        switch (stage) {
          case FIRST -> PasidEntry.firstStage(tables.root(), tables.format().levels(), id());
          case SECOND -> PasidEntry.secondStage(tables.root(), tables.format().levels(), id());
        };
    boolean forces = snoop == Snoop.FORCED && unit.traits().has(Feature.SNOOP_CONTROL);
    return snooped(forces ? entry.withW1(PasidEntry.PGSNP.mask()) : entry);
  }

  /// Maps `bytes` bytes from `iova` on to those from `hpa` on; all are multiples of 4096.
  ///
  /// @throws DriverException if part of it is mapped, or no pages are left; then nothing is mapped
  ///   that was not
  public synchronized void map(long iova, long hpa, long bytes, Rights rights)
      throws DriverException {
    if (!removed.isEmpty()) {
      // The unit may know tables by which it would miss what is added.
      flush();
    }
    try {
      tables.map(iova, hpa, bytes, rights, removed);
    } catch (DriverException e) {
      forget(iova, iova + bytes - 1);
      throw e;
    }
    if (stage == Stage.SECOND && unit.traits().cachesAbsence()) {
      invalidate(iova, iova + bytes - 1, RangeInvalidation.Changed.TABLES);
    } else {
      unit.added();
    }
  }

  /// Takes out whatever is mapped in `bytes` bytes from `iova` on. When it returns, no device
  /// reaches any of it, nor of what [#unmapLater] has taken out.
  ///
  /// @return how many bytes were mapped
  /// @throws DriverException if no page is left to split a large page with, or the unit fails; part
  ///   of the range may be unmapped then
  public synchronized long unmap(long iova, long bytes) throws DriverException {
    long unmapped;
    try {
      unmapped = tables.unmap(iova, bytes, beforeSplit, removed);
    } catch (DriverException e) {
      forget(iova, iova + bytes - 1);
      throw e;
    }
    if (unmapped != 0 || isDeferred) {
      forget(iova, iova + bytes - 1);
    }
    return unmapped;
  }

  /// Gives whatever is mapped in `bytes` bytes from `iova` on other rights; it stays mapped all the
  /// time. When it returns, no device goes by the old ones.
  ///
  /// @throws DriverException if no page is left to split a large page with, or the unit fails; part
  ///   of the range may have its new rights then
  public synchronized void protect(long iova, long bytes, Rights rights) throws DriverException {
    try {
      tables.protect(iova, bytes, rights, beforeSplit);
    } finally {
      invalidate(iova, iova + bytes - 1, RangeInvalidation.Changed.LEAVES);
    }
  }

  /// Whether the 2 MiB at `iova` are mapped by small pages where one large page would do.
  public synchronized boolean isJoinable(long iova) throws DriverException {
    return tables.isJoinable(iova);
  }

  /// Has one large page map the 2 MiB at `iova`, if they are [#isJoinable]. Devices reach them all
  /// the time.
  ///
  /// @return whether it does now, and did not before
  public synchronized boolean join(long iova) throws DriverException {
    if (!tables.isJoinable(iova)) {
      return false;
    }
    tables.join(iova, removed);
    flush();
    return true;
  }

  /// Has small pages map the 2 MiB at `iova`, if one large page does. Devices reach them all the
  /// time.
  public synchronized void divide(long iova) throws DriverException {
    if (tables.divide(iova)) {
      invalidate(iova, iova + PageTables.LARGE_BYTES - 1, RangeInvalidation.Changed.TABLES);
    }
  }

  /// The same as [#unmap], but devices may go on reaching it until [#flush] returns. Before that,
  /// nothing may be mapped there.
  ///
  /// @return how many bytes were mapped
  public synchronized long unmapLater(long iova, long bytes) throws DriverException {
    isDeferred = true;
    return tables.unmap(iova, bytes, beforeSplit, removed);
  }

  /// When it returns, no device reaches anything that was unmapped before.
  public synchronized void flush() throws DriverException {
    if (invalidation.addAll(batch.clear())) {
      unit.submit(batch);
    }
    tables.free(removed);
    isDeferred = false;
  }

  /// Gives back tables that hold nothing.
  public synchronized void trim() throws DriverException {
    tables.trim(removed);
    if (!removed.isEmpty()) {
      flush();
    }
  }

  private void forget(long first, long last) throws DriverException {
    if (removed.isEmpty() && !isDeferred) {
      invalidate(first, last, RangeInvalidation.Changed.LEAVES);
    } else {
      flush();
    }
  }

  private void forgetSplit(long first, long last) throws DriverException {
    invalidate(first, last, RangeInvalidation.Changed.TABLES);
  }

  private void invalidate(long first, long last, RangeInvalidation.Changed changed)
      throws DriverException {
    if (invalidation.add(batch.clear(), first, last, changed)) {
      unit.submit(batch);
    }
  }

  @Override
  public synchronized void close() {
    if (invalidation.isNested()) {
      throw new IllegalStateException("domain " + id() + " has nested ones");
    }
    super.close();
    tables.free(removed);
    tables.freeAll();
  }
}
