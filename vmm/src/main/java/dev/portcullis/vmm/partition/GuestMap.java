package dev.portcullis.vmm.partition;

import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.VmmException.Reason;
import dev.portcullis.vmm.memory.PageRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Where a partition's guest physical addresses lead.
public final class GuestMap {
  private final TreeMap<Long, Mapping> mappings = new TreeMap<>();

  /// All of them as they are now, lowest first: what is looked into without a lock.
  private volatile Mapping[] now = {};

  GuestMap() {}

  /// The mapping that `gpa` is in.
  public Optional<Mapping> at(long gpa) {
    return Optional.ofNullable(find(gpa));
  }

  /// The mapping that `gpa` is in, or `null`.
  Mapping find(long gpa) {
    Mapping[] mappings = now;
    int low = 0;
    int high = mappings.length - 1;
    while (low <= high) {
      int middle = low + high >>> 1;
      PageRange guest = mappings[middle].guest();
      if (gpa < guest.first()) {
        high = middle - 1;
      } else if (gpa >= guest.end()) {
        low = middle + 1;
      } else {
        return mappings[middle];
      }
    }
    return null;
  }

  /// The host physical address of `gpa`.
  public Optional<Long> hpa(long gpa) {
    return at(gpa).map(mapping -> mapping.hpa(gpa));
  }

  /// All mappings, lowest guest physical address first.
  public synchronized List<Mapping> mappings() {
    return new ArrayList<>(mappings.values());
  }

  /// The parts of mappings that lie in `range`.
  synchronized List<Mapping> within(PageRange range) {
    return mappings.values().stream()
        .filter(mapping -> mapping.guest().overlaps(range))
        .map(mapping -> mapping.within(range))
        .toList();
  }

  synchronized void demandFree(PageRange guest) throws VmmException {
    List<Mapping> there = within(guest);
    if (!there.isEmpty()) {
      throw new VmmException(
          Reason.OVERLAP,
          "guest physical %s is mapped already, to %s"
              .formatted(there.get(0).guest(), there.get(0).hostPages()));
    }
  }

  synchronized void add(Mapping mapping) {
    put(mapping);
    publish();
  }

  private void put(Mapping mapping) {
    mappings.put(mapping.guest().first(), mapping);
  }

  private void publish() {
    now = mappings.values().toArray(Mapping[]::new);
  }

  /// Takes `range` out; of a mapping that is partly in it, the rest stays.
  synchronized void remove(PageRange range) {
    List<Mapping> touched =
        mappings.values().stream().filter(mapping -> mapping.guest().overlaps(range)).toList();
    for (Mapping mapping : touched) {
      mappings.remove(mapping.guest().first());
      keep(mapping, mapping.guest().first(), range.first());
      keep(mapping, range.end(), mapping.guest().end());
    }
    publish();
  }

  /// Has `guard` be over what is mapped in `range`.
  synchronized void guard(PageRange range, Guard guard) {
    List<Mapping> touched =
        mappings.values().stream().filter(mapping -> mapping.guest().overlaps(range)).toList();
    for (Mapping mapping : touched) {
      mappings.remove(mapping.guest().first());
      keep(mapping, mapping.guest().first(), range.first());
      put(mapping.within(range).guarded(guard));
      keep(mapping, range.end(), mapping.guest().end());
    }
    publish();
  }

  private void keep(Mapping mapping, long first, long end) {
    if (first < end) {
      put(mapping.within(new PageRange(first, end - first)));
    }
  }
}
