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

  GuestMap() {}

  /// The mapping that `gpa` is in.
  public synchronized Optional<Mapping> at(long gpa) {
    var before = mappings.floorEntry(gpa);
    return before != null && gpa < before.getValue().guest().end()
        ? Optional.of(before.getValue())
        : Optional.empty();
  }

  /// The host physical address of `gpa`.
  public Optional<Long> hpa(long gpa) {
    return at(gpa).map(mapping -> mapping.host() + gpa - mapping.guest().first());
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
    mappings.put(mapping.guest().first(), mapping);
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
  }

  private void keep(Mapping mapping, long first, long end) {
    if (first < end) {
      add(mapping.within(new PageRange(first, end - first)));
    }
  }
}
