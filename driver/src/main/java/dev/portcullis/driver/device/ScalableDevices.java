package dev.portcullis.driver.device;

import dev.portcullis.driver.device.DeviceFeatures.PageRequests;
import dev.portcullis.driver.domain.Attachment;
import dev.portcullis.driver.domain.Domain;
import dev.portcullis.driver.domain.UnitServices;
import dev.portcullis.driver.invalidation.InvalidationBatch;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.table.PasidTables;
import dev.portcullis.driver.table.ScalableTables;
import dev.portcullis.driver.table.TableWriter;
import dev.portcullis.spec.descriptor.ContextCacheInvalidate;
import dev.portcullis.spec.descriptor.IotlbInvalidate;
import dev.portcullis.spec.descriptor.PasidCacheInvalidate;
import dev.portcullis.spec.descriptor.PasidIotlbInvalidate;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.table.PasidEntry;
import dev.portcullis.spec.table.ScalableContextEntry;
import java.util.Optional;
import java.util.TreeMap;

/// Scalable mode: a context entry and a PASID table for each device. Requests without PASID are
/// looked up as PASID 0.
///
/// @vtd 3.4.3 Scalable Mode Address Translation
public final class ScalableDevices implements DeviceTables {
  private static final int NO_DOMAIN = 0;

  private final UnitServices unit;
  private final TableWriter writer;
  private final ScalableTables tables;
  private final TreeMap<Integer, PasidTables> pasids = new TreeMap<>();

  public ScalableDevices(UnitServices unit, TableWriter writer) throws DriverException {
    this.unit = unit;
    this.writer = writer;
    this.tables = new ScalableTables(writer);
  }

  @Override
  public long root() {
    return tables.root();
  }

  /// Gives the device its PASID directory: from now on it has a context entry, and every PASID of
  /// it is blocked.
  @Override
  public synchronized void admit(int sourceId, DeviceFeatures features) throws DriverException {
    boolean tlb = features.deviceTlb().isPresent();
    boolean asks = features.pageRequests() == PageRequests.ON;
    if (features.pasidBits() > unit.traits().pasidBits()
        || asks && !unit.servesPageRequests()
        || tlb && !unit.traits().has(Feature.DEVICE_TLBS)) {
      throw new DriverException(
          DriverException.Reason.UNSUPPORTED,
          "device %04x has what the unit lacks: %s".formatted(sourceId, features));
    }
    PasidTables directory = new PasidTables(writer, features.pasidBits());
    ScalableContextEntry entry =
        ScalableContextEntry.present(directory.directory(), directory.sizeCode());
    entry = tlb ? entry.with(ScalableContextEntry.DTE) : entry;
    entry = asks ? entry.with(ScalableContextEntry.PRE) : entry;
    entry = features.pasidBits() > 0 ? entry.with(ScalableContextEntry.PASIDE) : entry;
    pasids.put(sourceId, directory);
    boolean newRoot = tables.add(sourceId, entry);
    contextAdded(sourceId, newRoot);
  }

  /// A unit in caching mode remembers what was not there, tagged with domain 0.
  private void contextAdded(int sourceId, boolean newRoot) throws DriverException {
    if (!unit.traits().cachesAbsence()) {
      unit.added();
    } else if (newRoot) {
      unit.submit(
          new InvalidationBatch()
              .add(ContextCacheInvalidate.global())
              .add(PasidCacheInvalidate.global())
              .add(IotlbInvalidate.global()));
    } else {
      unit.submit(
          new InvalidationBatch()
              .add(ContextCacheInvalidate.device(NO_DOMAIN, sourceId))
              .add(PasidCacheInvalidate.domain(NO_DOMAIN))
              .add(IotlbInvalidate.domain(NO_DOMAIN)));
    }
  }

  @Override
  public synchronized void dismiss(int sourceId, DeviceFeatures features) throws DriverException {
    tables.remove(sourceId);
    forgetContext(sourceId, features);
    pasids.remove(sourceId).freeAll();
  }

  /// The context entry of a device that is attached to nothing has changed.
  private void forgetContext(int sourceId, DeviceFeatures features) throws DriverException {
    InvalidationBatch batch =
        new InvalidationBatch().add(ContextCacheInvalidate.device(NO_DOMAIN, sourceId));
    if (unit.traits().cachesAbsence()) {
      batch.add(PasidCacheInvalidate.domain(NO_DOMAIN));
    }
    batch.add(IotlbInvalidate.domain(NO_DOMAIN));
    unit.addDeviceTlb(
        batch, new Attachment(sourceId, Attachment.REQUESTS_WITHOUT_PASID, features.deviceTlb()));
    unit.submit(batch);
  }

  @Override
  public synchronized void recordFaults(
      int sourceId, DeviceFeatures features, FaultRecording recording) throws DriverException {
    tables.change(sourceId, ScalableContextEntry.FPD, recording == FaultRecording.OFF ? 1 : 0);
    forgetContext(sourceId, features);
  }

  @Override
  public synchronized void move(Attachment place, Optional<Domain> from, Optional<Domain> to)
      throws DriverException {
    PasidTables directory = pasids.get(place.sourceId());
    if (from.isPresent()) {
      directory.remove(place.pasid());
      forget(place, from.get());
    }
    if (to.isPresent()) {
      directory.add(place.pasid(), to.get().pasidEntry());
      added(place, to.get());
    }
  }

  private void forget(Attachment place, Domain from) throws DriverException {
    int pgtt = from.pasidEntry().translationType();
    boolean secondStage = pgtt == PasidEntry.PGTT_SECOND_STAGE || pgtt == PasidEntry.PGTT_NESTED;
    InvalidationBatch batch = new InvalidationBatch();
    if (pgtt == PasidEntry.PGTT_PASS_THROUGH) {
      // More than the architecture asks for: QEMU's unit goes on letting requests through until the
      // context entry is invalidated.
      batch.add(ContextCacheInvalidate.device(from.id(), place.sourceId()));
    }
    batch.add(PasidCacheInvalidate.pasid(from.id(), place.pasid()));
    batch.add(
        secondStage
            ? IotlbInvalidate.domain(from.id())
            : PasidIotlbInvalidate.pasid(from.id(), place.pasid()));
    unit.addDeviceTlb(batch, place);
    unit.submitAndDrain(batch, place);
  }

  private void added(Attachment place, Domain to) throws DriverException {
    if (!unit.traits().cachesAbsence()) {
      unit.added();
      return;
    }
    unit.submit(
        new InvalidationBatch()
            .add(PasidCacheInvalidate.pasid(NO_DOMAIN, place.pasid()))
            .add(PasidCacheInvalidate.pasid(to.id(), place.pasid()))
            .add(IotlbInvalidate.domain(NO_DOMAIN))
            .add(PasidIotlbInvalidate.pasid(to.id(), place.pasid())));
  }

  @Override
  public void close() {
    pasids.values().forEach(PasidTables::freeAll);
    tables.freeAll();
  }
}
