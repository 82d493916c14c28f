package dev.portcullis.vmm.memory;

import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.VmmException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// The ledger of a machine's memory: which pages are whose. Pages that stand nowhere are free.
///
/// Its monitor is the lock under which maps and assignments change, so that what was checked still
/// holds when it is done.
public final class PhysicalMemory {
  /// What longer ranges are aligned to, so that large pages can map them.
  private static final long LARGE_PAGE_BYTES = 2 << 20;

  private final PageRange whole;
  private final TreeMap<Long, Portion> portions = new TreeMap<>();
  private final Quarantine quarantine;

  /// Pages of one owner.
  ///
  /// @param range host physical addresses
  public record Portion(PageRange range, Owner owner) {
    private boolean isShared(long at, String one, String other) {
      return owner instanceof Owner.Shared
          && owner.admits(one)
          && owner.admits(other)
          && at < range.end();
    }

    private Portion without(String partition) {
      return owner instanceof Owner.Shared shared && shared.admits(partition)
          ? new Portion(range, shared.without(partition))
          : this;
    }
  }

  /// All of `whole` is free.
  ///
  /// @param whole host physical addresses
  public PhysicalMemory(PageRange whole) {
    this(whole, Quarantine.Bounds.DEFAULT);
  }

  /// @param whole host physical addresses
  /// @param bounds of what devices may still reach that was taken from them
  public PhysicalMemory(PageRange whole, Quarantine.Bounds bounds) {
    this.whole = whole;
    this.quarantine = new Quarantine(this, bounds);
  }

  /// Gives `range` to `owner`.
  ///
  /// @throws VmmException if it is not all there and free
  public synchronized void take(PageRange range, Owner owner) throws VmmException {
    if (!whole.covers(range)) {
      throw new VmmException(
          Reason.OUT_OF_MEMORY, "%s is outside of memory, %s".formatted(range, whole));
    }
    Optional<Portion> taken = firstOverlapping(range);
    if (taken.isPresent()) {
      throw new VmmException(
          Reason.OVERLAP,
          "%s is for %s, but %s has %s"
              .formatted(range, owner, taken.get().owner(), taken.get().range()));
    }
    portions.put(range.first(), new Portion(range, owner));
  }

  /// Gives the lowest free range of `bytes` bytes to `owner`.
  ///
  /// @param bytes a multiple of 4096; from 2 MiB on, the range begins at a multiple of 2 MiB
  /// @throws VmmException if there is none
  public synchronized PageRange allocate(long bytes, Owner owner) throws VmmException {
    long alignment = bytes >= LARGE_PAGE_BYTES ? LARGE_PAGE_BYTES : PageRange.PAGE_BYTES;
    long first = align(whole.first(), alignment);
    while (first + bytes <= whole.end() && first + bytes > 0) {
      PageRange range = new PageRange(first, bytes);
      Optional<Portion> taken = firstOverlapping(range);
      if (taken.isEmpty()) {
        portions.put(first, new Portion(range, owner));
        return range;
      }
      first = align(taken.get().range().end(), alignment);
    }
    throw new VmmException(
        Reason.OUT_OF_MEMORY, "no %,d bytes side by side are free for %s".formatted(bytes, owner));
  }

  private static long align(long address, long alignment) {
    return address + alignment - 1 & -alignment;
  }

  private Optional<Portion> firstOverlapping(PageRange range) {
    var before = portions.floorEntry(range.first());
    if (before != null && before.getValue().range().overlaps(range)) {
      return Optional.of(before.getValue());
    }
    var behind = portions.ceilingEntry(range.first());
    return behind != null && behind.getValue().range().overlaps(range)
        ? Optional.of(behind.getValue())
        : Optional.empty();
  }

  /// Pages that are to be given to nobody for a while.
  public Quarantine quarantine() {
    return quarantine;
  }

  /// Frees a range that was given away as a whole, and of which nothing is in quarantine.
  public synchronized void release(PageRange range) {
    if (quarantine.holds(range)) {
      throw new IllegalStateException(range + " may still be reached by who had it");
    }
    Portion portion = portions.get(range.first());
    if (portion == null || !portion.range().equals(range)) {
      throw new IllegalArgumentException(range + " was not given away as one");
    }
    portions.remove(range.first());
  }

  /// The first owner of pages in `range` that does not admit `partition`; a free page has none.
  ///
  /// @return what is in the way, for people; empty if `partition` may have all of it
  public synchronized Optional<String> obstacle(PageRange range, String partition) {
    long at = range.first();
    while (at < range.end()) {
      var entry = portions.floorEntry(at);
      if (entry == null || entry.getValue().range().end() <= at) {
        return Optional.of("%x belongs to nobody".formatted(at));
      }
      Portion portion = entry.getValue();
      if (!portion.owner().admits(partition)) {
        return Optional.of("%s belongs to %s".formatted(portion.range(), portion.owner()));
      }
      at = portion.range().end();
    }
    return Optional.empty();
  }

  /// Takes `partition` off the lists of those who share pages: another one of that name is another.
  public synchronized void strike(String partition) {
    portions.replaceAll((first, portion) -> portion.without(partition));
  }

  /// Whether every page of `range` is one that several partitions were declared to share, `one` and
  /// `other` among them.
  public synchronized boolean isShared(PageRange range, String one, String other) {
    long at = range.first();
    while (at < range.end()) {
      var entry = portions.floorEntry(at);
      if (entry == null || !entry.getValue().isShared(at, one, other)) {
        return false;
      }
      at = entry.getValue().range().end();
    }
    return true;
  }

  /// All that is given away, lowest first.
  public synchronized List<Portion> portions() {
    return new ArrayList<>(portions.values());
  }

  /// All of memory.
  public PageRange whole() {
    return whole;
  }
}
