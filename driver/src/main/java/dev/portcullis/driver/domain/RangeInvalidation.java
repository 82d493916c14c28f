package dev.portcullis.driver.domain;

import dev.portcullis.driver.invalidation.InvalidationBatch;
import dev.portcullis.spec.descriptor.IotlbInvalidate;
import dev.portcullis.spec.descriptor.PasidIotlbInvalidate;
import dev.portcullis.spec.register.Feature;
import java.util.Arrays;

/// The invalidations that follow when entries of a paging domain change.
///
/// @vtd 6.5 Invalidation of Translation Caches
final class RangeInvalidation {
  private static final NestedDomain[] NONE = {};

  private final UnitServices unit;
  private final PagingDomain domain;
  private final int mostPagesLog2;
  private volatile NestedDomain[] nested = NONE;

  /// What changed.
  enum Changed {
    /// Only entries that map pages: caches of tables may stay.
    LEAVES,
    TABLES
  }

  RangeInvalidation(UnitServices unit, PagingDomain domain) {
    this.unit = unit;
    this.domain = domain;
    this.mostPagesLog2 =
        unit.traits().has(Feature.PAGE_SELECTIVE_INVALIDATION)
            ? unit.traits().capabilities().capability().maximumAddressMask()
            : -1;
  }

  /// `inner` translates through this domain from now on.
  synchronized void nest(NestedDomain inner) {
    NestedDomain[] next = Arrays.copyOf(nested, nested.length + 1);
    next[nested.length] = inner;
    nested = next;
  }

  /// `inner` does so no more.
  synchronized void unnest(NestedDomain inner) {
    nested = Arrays.stream(nested).filter(other -> other != inner).toArray(NestedDomain[]::new);
  }

  boolean isNested() {
    return nested.length > 0;
  }

  /// Adds what makes every cache forget addresses from `first` to `last`.
  ///
  /// @return whether there is anything to do
  boolean add(InvalidationBatch batch, long first, long last, Changed changed) {
    // The smallest block of a power of two that holds both ends.
    int pagesLog2 = Long.SIZE - Long.numberOfLeadingZeros((first ^ last) >>> 12);
    long address = first >>> 12 + pagesLog2 << 12 + pagesLog2;
    Attachment[] places = domain.attachments();
    if (domain.stage() == PagingDomain.Stage.SECOND) {
      if (places.length > 0) {
        addSecondStage(batch, domain.id(), address, pagesLog2, changed);
      }
      for (NestedDomain inner : nested) {
        if (inner.isAttached()) {
          addSecondStage(batch, inner.id(), address, pagesLog2, changed);
        }
      }
    } else {
      for (int i = 0; i < places.length; i++) {
        if (isFirstWithPasid(places, i)) {
          batch.add(page(places[i].pasid(), address, pagesLog2, changed));
        }
      }
    }
    for (Attachment place : places) {
      unit.addDeviceTlb(batch, place, address, pagesLog2);
    }
    addNestedDeviceTlbs(batch);
    return !batch.isEmpty();
  }

  private void addSecondStage(
      InvalidationBatch batch, int domainId, long address, int pagesLog2, Changed changed) {
    if (pagesLog2 > mostPagesLog2) {
      batch.add(IotlbInvalidate.domain(domainId));
      return;
    }
    IotlbInvalidate pages = IotlbInvalidate.pages(domainId, address, pagesLog2);
    batch.add(changed == Changed.LEAVES ? pages.leafOnly() : pages);
  }

  private PasidIotlbInvalidate page(int pasid, long address, int pagesLog2, Changed changed) {
    PasidIotlbInvalidate pages = PasidIotlbInvalidate.pages(domain.id(), pasid, address, pagesLog2);
    return changed == Changed.LEAVES ? pages.leafOnly() : pages;
  }

  /// A device with PASIDs may use a domain under several; many devices use it under the same.
  private static boolean isFirstWithPasid(Attachment[] places, int index) {
    for (int i = 0; i < index; i++) {
      if (places[i].pasid() == places[index].pasid()) {
        return false;
      }
    }
    return true;
  }

  /// Adds what makes every cache forget the domain.
  ///
  /// @return whether there is anything to do
  boolean addAll(InvalidationBatch batch) {
    Attachment[] places = domain.attachments();
    if (domain.stage() == PagingDomain.Stage.SECOND) {
      if (places.length > 0) {
        batch.add(IotlbInvalidate.domain(domain.id()));
      }
      for (NestedDomain inner : nested) {
        if (inner.isAttached()) {
          batch.add(IotlbInvalidate.domain(inner.id()));
        }
      }
    } else {
      for (int i = 0; i < places.length; i++) {
        if (isFirstWithPasid(places, i)) {
          batch.add(PasidIotlbInvalidate.pasid(domain.id(), places[i].pasid()));
        }
      }
    }
    for (Attachment place : places) {
      unit.addDeviceTlb(batch, place);
    }
    addNestedDeviceTlbs(batch);
    return !batch.isEmpty();
  }

  /// What a device has of a nested domain is tagged with addresses that we do not know.
  private void addNestedDeviceTlbs(InvalidationBatch batch) {
    for (NestedDomain inner : nested) {
      for (Attachment place : inner.attachments()) {
        unit.addDeviceTlb(batch, place);
      }
    }
  }
}
