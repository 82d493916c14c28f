package dev.portcullis.driver.device;

import dev.portcullis.driver.domain.Attachment;
import dev.portcullis.driver.domain.Domain;
import dev.portcullis.driver.domain.UnitServices;
import dev.portcullis.driver.invalidation.InvalidationBatch;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.table.LegacyTables;
import dev.portcullis.driver.table.TableWriter;
import dev.portcullis.spec.descriptor.ContextCacheInvalidate;
import dev.portcullis.spec.descriptor.IotlbInvalidate;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.table.ContextEntry;
import java.util.Optional;

/// Legacy mode: one context entry for each device.
///
/// @vtd 3.4.2 Legacy Mode Address Translation
public final class LegacyDevices implements DeviceTables {
  private static final int NO_DOMAIN = 0;

  private final UnitServices unit;
  private final LegacyTables tables;

  public LegacyDevices(UnitServices unit, TableWriter writer) throws DriverException {
    this.unit = unit;
    this.tables = new LegacyTables(writer);
  }

  @Override
  public long root() {
    return tables.root();
  }

  @Override
  public void admit(int sourceId, DeviceFeatures features) throws DriverException {
    boolean tlb = features.deviceTlb().isPresent();
    if (features.pasidBits() != 0
        || features.pageRequests() == DeviceFeatures.PageRequests.ON
        || tlb && !unit.traits().has(Feature.DEVICE_TLBS)) {
      throw new DriverException(
          DriverException.Reason.UNSUPPORTED,
          "device %04x has what the unit lacks in legacy mode: %s".formatted(sourceId, features));
    }
  }

  @Override
  public void dismiss(int sourceId, DeviceFeatures features) {}

  @Override
  public synchronized void move(Attachment place, Optional<Domain> from, Optional<Domain> to)
      throws DriverException {
    int source = place.sourceId();
    Optional<ContextEntry> entry = to.map(domain -> domain.contextEntry(place.deviceTlb()));
    if (from.isPresent() && entry.isPresent() && tables.replace(source, entry.get())) {
      forgetOrBlock(place, from.get());
      return;
    }
    if (from.isPresent()) {
      tables.remove(source);
      forget(place, from.get());
    }
    if (entry.isPresent()) {
      boolean newRoot = tables.add(source, entry.get());
      added(source, to.get().id(), newRoot);
    }
  }

  /// The bit counts although the entry is not present.
  @Override
  public synchronized void recordFaults(
      int sourceId, DeviceFeatures features, FaultRecording recording) throws DriverException {
    boolean newRoot =
        tables.writeAbsent(sourceId, recording == FaultRecording.OFF ? ContextEntry.FPD.mask() : 0);
    added(sourceId, NO_DOMAIN, newRoot);
  }

  private void forgetOrBlock(Attachment place, Domain from) throws DriverException {
    try {
      forget(place, from);
    } catch (DriverException e) {
      tables.remove(place.sourceId());
      throw e;
    }
  }

  private void forget(Attachment place, Domain from) throws DriverException {
    InvalidationBatch batch =
        new InvalidationBatch()
            .add(ContextCacheInvalidate.device(from.id(), place.sourceId()))
            .add(IotlbInvalidate.domain(from.id()));
    unit.addDeviceTlb(batch, place);
    unit.submit(batch);
  }

  /// A unit in caching mode remembers what was not there: for a context entry, tagged with domain
  /// 0; for a root entry, of every device of the bus.
  private void added(int sourceId, int domainId, boolean newRoot) throws DriverException {
    if (!unit.traits().cachesAbsence()) {
      unit.added();
    } else if (newRoot) {
      unit.submit(
          new InvalidationBatch()
              .add(ContextCacheInvalidate.global())
              .add(IotlbInvalidate.global()));
    } else {
      unit.submit(
          new InvalidationBatch()
              .add(ContextCacheInvalidate.device(NO_DOMAIN, sourceId))
              .add(IotlbInvalidate.domain(domainId)));
    }
  }

  @Override
  public void close() {
    tables.freeAll();
  }
}
