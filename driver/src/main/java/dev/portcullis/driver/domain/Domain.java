package dev.portcullis.driver.domain;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.table.ContextEntry;
import dev.portcullis.spec.table.PasidEntry;
import java.util.Arrays;
import java.util.Optional;

/// What addresses mean to a group of devices. A device that is attached to none is blocked.
///
/// @vtd 3.4 DMA Remapping
public abstract sealed class Domain permits PagingDomain, NestedDomain, PassThroughDomain {
  private static final Attachment[] NONE = {};

  final UnitServices unit;
  private final int id;
  private volatile Attachment[] attachments = NONE;

  Domain(UnitServices unit) throws DriverException {
    this.unit = unit;
    this.id = unit.ids().allocate();
  }

  /// Domain-id: what the unit's caches are tagged with.
  public final int id() {
    return id;
  }

  /// Where the domain is used.
  final Attachment[] attachments() {
    return attachments;
  }

  public final boolean isAttached() {
    return attachments.length > 0;
  }

  /// Tells the domain that it is used at `place`, before the unit learns of it.
  public final synchronized void attached(Attachment place) {
    Attachment[] old = attachments;
    Attachment[] next = Arrays.copyOf(old, old.length + 1);
    next[old.length] = place;
    attachments = next;
  }

  /// Tells the domain that it is not used at `place` any more, after the unit has forgotten it.
  public final synchronized void detached(Attachment place) {
    attachments =
        Arrays.stream(attachments).filter(other -> !other.equals(place)).toArray(Attachment[]::new);
  }

  /// The legacy-mode context entry of a device in this domain.
  ///
  /// @param deviceTlb the device's translation cache, if it is on
  public abstract ContextEntry contextEntry(Optional<DeviceTlb> deviceTlb);

  /// The scalable-mode PASID entry of requests in this domain.
  public abstract PasidEntry pasidEntry();

  /// Gives back the domain's id and tables. It is attached nowhere.
  public void close() {
    if (isAttached()) {
      throw new IllegalStateException("domain " + id + " is attached");
    }
    unit.ids().free(id);
  }

  /// What every PASID entry has on this unit: walks are snooped where they can be.
  final PasidEntry snooped(PasidEntry entry) {
    return unit.traits().has(Feature.SCALABLE_WALK_COHERENCY)
        ? entry.withW1(PasidEntry.PWSNP.mask())
        : entry;
  }
}
