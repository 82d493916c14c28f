package dev.portcullis.kit.random;

import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.queue.Descriptor.Hint;
import dev.portcullis.kit.reference.Visit;
import dev.portcullis.kit.register.Facts;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What software must invalidate after it changed an entry, and not more.
///
/// @vtd 6.5 Invalidation of Translation Caches
final class Owed {
  private final Facts facts;
  private final HostileEntries entries;
  private final HostileScalableTables tables;

  Owed(Facts facts, HostileEntries entries, HostileScalableTables tables) {
    this.facts = facts;
    this.entries = entries;
    this.tables = tables;
  }

  /// @param slot what was changed
  /// @param old what stood there
  /// @param visits of the walks of before that came by it, each with its space
  List<Descriptor> after(Slot slot, List<Long> old, List<SpacedVisit> visits) {
    boolean present = (old.getFirst() & 1) != 0;
    if (!present
        && !facts.cachingMode()
        && !slot.isPaging()
        && slot.kind() != Slot.Kind.PERMISSION) {
      return List.of();
    }
    return switch (slot.kind()) {
      case ROOT ->
          List.of(
              Descriptor.contextGlobal(),
              Descriptor.pasidsGlobal(),
              Descriptor.iotlbGlobal(),
              Descriptor.permissionsGlobal());
      case CONTEXT -> context(slot.hpa());
      case DIRECTORY -> directory(slot.hpa());
      case PASID -> pasid(slot.level(), old);
      case SECOND_STAGE, FIRST_STAGE, GUEST -> paging(visits);
      case PERMISSION -> permission(slot.level());
    };
  }

  /// A visit, and whose walk it was.
  record SpacedVisit(HostileEntries.Space space, Visit visit) {}

  private List<Descriptor> context(long hpa) {
    List<Descriptor> owed = new ArrayList<>();
    for (int source : HostileScalableTables.SOURCES) {
      if ((source & 0x7f) == (hpa & 4095) / 32) {
        owed.add(Descriptor.contextDevice(0, source, 0));
      }
    }
    HostileEntries.domainIds().forEach(did -> owed.add(Descriptor.pasidsDomain(did)));
    HostileEntries.domainIds().forEach(did -> owed.add(Descriptor.iotlbDomain(did)));
    owed.add(Descriptor.permissionsGlobal());
    return owed;
  }

  private List<Descriptor> directory(long hpa) {
    List<Descriptor> owed = new ArrayList<>();
    for (long directory : tables.directories) {
      for (int pasid : HostileScalableTables.PASIDS) {
        if (hpa == directory + 8L * (pasid >> 6)) {
          HostileEntries.domainIds().forEach(did -> owed.add(Descriptor.pasid(did, pasid)));
        }
      }
    }
    HostileEntries.domainIds().forEach(did -> owed.add(Descriptor.iotlbDomain(did)));
    owed.add(Descriptor.permissionsGlobal());
    return owed;
  }

  private List<Descriptor> pasid(int index, List<Long> old) {
    int did = old.get(1).intValue() & 0xffff;
    long type = old.get(0) >>> 6 & 7;
    boolean second = type == 2 || type == 3;
    List<Descriptor> owed = new ArrayList<>();
    List<Descriptor> translations = new ArrayList<>();
    for (int pasid : HostileScalableTables.PASIDS) {
      if ((pasid & 63) == index) {
        owed.add(Descriptor.pasid(did, pasid));
        translations.add(Descriptor.pasidIotlb(did, pasid));
      }
    }
    if (second) {
      translations = List.of(Descriptor.iotlbDomain(did));
    }
    owed.addAll(translations);
    int permissionDomain = old.get(5).intValue() & 0xffff;
    if (facts.hostPermissionTables()) {
      owed.add(Descriptor.permissionsDomain(permissionDomain, 4));
    }
    return owed;
  }

  private List<Descriptor> paging(List<SpacedVisit> visits) {
    Set<Descriptor> owed = new LinkedHashSet<>();
    for (SpacedVisit spaced : visits) {
      Visit visit = spaced.visit();
      Hint hint = visit.level() == 1 ? Hint.LEAF_ONLY : Hint.ANY_ENTRY;
      int did = spaced.space().did();
      if (visit.stage() == Visit.Stage.SECOND) {
        if (visit.present() || facts.cachingMode()) {
          owed.add(
              facts.pageSelective()
                  ? Descriptor.iotlbPages(did, visit.address(), 0, hint)
                  : Descriptor.iotlbDomain(did));
        }
      } else if (visit.present()) {
        for (int pasid : HostileScalableTables.PASIDS) {
          if ((pasid & 63) == spaced.space().index()) {
            owed.add(Descriptor.pasidIotlbPages(did, pasid, visit.address(), 0, hint));
          }
        }
      }
    }
    return List.copyOf(owed);
  }

  private List<Descriptor> permission(int level) {
    List<Descriptor> owed = new ArrayList<>();
    for (long hpa : tables.translatedAddresses) {
      owed.add(Descriptor.permissionPages(1, hpa, 0, level));
    }
    return owed;
  }
}
