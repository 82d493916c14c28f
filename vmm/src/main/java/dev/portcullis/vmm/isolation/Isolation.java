package dev.portcullis.vmm.isolation;

import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.memory.PhysicalMemory;
import dev.portcullis.vmm.partition.Mapping;
import dev.portcullis.vmm.partition.Partition;
import java.util.ArrayList;
import java.util.List;

/// Looks through all maps for what must never be: a reserved page in one, a page in two that was
/// not declared shared, a page that somebody has while devices of another may still reach it.
public final class Isolation {
  private Isolation() {}

  /// What is wrong, a line each, for people; nothing if all is well.
  public static List<String> breaches(PhysicalMemory physical, List<Partition> partitions) {
    List<String> breaches = new ArrayList<>();
    for (int i = 0; i < partitions.size(); i++) {
      Partition one = partitions.get(i);
      for (Mapping held : one.held()) {
        if (one.map().mappings().stream().anyMatch(now -> isTwice(held, now))) {
          breaches.add(line(one, held.hostPages(), "by an address that leads elsewhere now"));
        }
      }
      for (Mapping mapping : reached(one)) {
        physical
            .obstacle(mapping.hostPages(), one.name())
            .ifPresent(obstacle -> breaches.add(line(one, mapping.hostPages(), obstacle)));
        for (Partition other : partitions.subList(i + 1, partitions.size())) {
          collect(physical, one, mapping, other, breaches);
        }
      }
    }
    return breaches;
  }

  private static boolean isTwice(Mapping held, Mapping now) {
    return held.guest().overlaps(now.guest());
  }

  /// What its map says, and what the unit may not have forgotten.
  private static List<Mapping> reached(Partition partition) {
    List<Mapping> all = new ArrayList<>(partition.map().mappings());
    all.addAll(partition.held());
    return all;
  }

  private static void collect(
      PhysicalMemory physical,
      Partition one,
      Mapping mapping,
      Partition other,
      List<String> breaches) {
    PageRange pages = mapping.hostPages();
    for (Mapping theirs : reached(other)) {
      if (theirs.hostPages().overlaps(pages)) {
        PageRange both = common(pages, theirs.hostPages());
        if (!physical.isShared(both, one.name(), other.name())) {
          breaches.add(line(one, both, other + " reaches it, too, and nobody declared it shared"));
        }
      }
    }
  }

  private static PageRange common(PageRange one, PageRange other) {
    long first = Math.max(one.first(), other.first());
    return new PageRange(first, Math.min(one.end(), other.end()) - first);
  }

  private static String line(Partition partition, PageRange pages, String what) {
    return "%s reaches %s: %s".formatted(partition, pages, what);
  }
}
