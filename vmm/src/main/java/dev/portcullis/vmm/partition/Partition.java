package dev.portcullis.vmm.partition;

import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.table.PageTables;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.unit.drain.InFlight;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.VmmException.Reason;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.memory.PhysicalMemory;
import dev.portcullis.vmm.partition.DeniedWrite.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// A partition: a window of physical memory, where its guest physical addresses lead, and the
/// domain that has its devices see the same.
///
/// The map and the domain's tables change together, and in such order that devices never reach more
/// than the map says, and what is [#held].
public final class Partition {
  private final String name;
  private final PageRange window;
  private final PhysicalMemory physical;
  private final PagingDomain domain;
  private final GuestMap map = new GuestMap();
  private final InFlight inFlight = new InFlight();
  private final Losses losses;
  private final ProcessorView processors;
  private final ProcessorView played;
  private boolean closed;

  /// @param window host physical addresses, its own in `physical`
  /// @param domain without mappings
  /// @param memory all of the machine's, by host physical address
  public Partition(
      String name,
      PageRange window,
      PhysicalMemory physical,
      PagingDomain domain,
      MemoryMap memory) {
    this.name = name;
    this.window = window;
    this.physical = physical;
    this.domain = domain;
    this.losses = new Losses(name, domain, physical.quarantine());
    this.processors = new ProcessorView(map, memory, inFlight, Writer.PROCESSOR);
    this.played = new ProcessorView(map, memory, inFlight, Writer.PLAYED_DEVICE);
  }

  public String name() {
    return name;
  }

  /// Its own memory: host physical addresses.
  public PageRange window() {
    return window;
  }

  /// Where its guest physical addresses lead.
  public GuestMap map() {
    return map;
  }

  /// Its memory as its processors see it.
  public ProcessorView processors() {
    return processors;
  }

  /// Its memory as devices see it that the monitor plays, and no unit leads.
  public ProcessorView played() {
    return played;
  }

  /// Has `listener` be told, instead of another, of writes that a guard keeps from happening.
  public void onDenied(DeniedWrite listener) {
    processors.onDenied(listener);
    played.onDenied(listener);
  }

  /// What its devices are attached to.
  public PagingDomain domain() {
    return domain;
  }

  /// Has guest physical pages `guest` be the host physical ones from `host` on, for processor and
  /// devices.
  ///
  /// @throws VmmException if some of `guest` is mapped, pages of `host` are neither the partition's
  ///   nor shared with it, or the tables cannot be written; then nothing has changed
  public void map(PageRange guest, long host, Rights rights) throws VmmException {
    Mapping mapping = new Mapping(guest, host, rights);
    synchronized (physical) {
      demandOpen();
      Optional<String> obstacle = physical.obstacle(mapping.hostPages(), name);
      if (obstacle.isPresent()) {
        throw new VmmException(
            Reason.NOT_OWNED,
            "partition %s cannot have %s: %s".formatted(name, mapping.hostPages(), obstacle.get()));
      }
      map.demandFree(guest);
      losses.settle(guest, mapping.hostPages());
      try {
        domain.map(guest.first(), host, guest.bytes(), rights);
      } catch (DriverException e) {
        throw failed("map", guest, e);
      }
      map.add(mapping);
    }
  }

  /// Takes out whatever is mapped in `guest`. When it returns, no processor reaches any of it, and
  /// with [Invalidation#STRICT] no device; else those of the partition may, as long as it is
  /// [#held].
  ///
  /// @throws VmmException if the unit fails; then the map still says what devices may reach
  public void unmap(PageRange guest) throws VmmException {
    synchronized (physical) {
      for (Mapping mapping : map.within(guest)) {
        try {
          losses.take(mapping);
        } catch (DriverException e) {
          throw failed("unmap", mapping.guest(), e);
        }
        map.remove(mapping.guest());
      }
      inFlight.drain();
      if (losses.isFull()) {
        losses.settle();
      }
    }
  }

  /// When the unit is made to forget what is taken out of the map.
  public Invalidation invalidation() {
    synchronized (physical) {
      return losses.invalidation();
    }
  }

  /// Has it forget that at another time from now on. When it returns, nothing is held. Whatever
  /// takes rights away without taking pages out is always strict: a guard, a function that leaves
  /// or is stopped.
  ///
  /// @throws VmmException if the unit fails
  public void invalidation(Invalidation wanted) throws VmmException {
    synchronized (physical) {
      demandOpen();
      losses.invalidation(wanted);
    }
  }

  /// When it returns, its devices reach what its map says, and nothing else.
  ///
  /// @throws VmmException if the unit fails
  public void settle() throws VmmException {
    synchronized (physical) {
      losses.settle();
    }
  }

  /// What was taken out of its map and may still be reached by its devices, by what the unit has
  /// not forgotten.
  public List<Mapping> held() {
    synchronized (physical) {
      return losses.held();
    }
  }

  /// What taking pages out has cost until now.
  public Unmappings unmappings() {
    synchronized (physical) {
      return losses.count();
    }
  }

  /// Has `guard` be over whatever is mapped in `guest`, instead of one before. All of it stays
  /// readable all the time. When it returns, nobody writes there whom it keeps from that; a write
  /// under way has ended.
  ///
  /// @throws VmmException if part of it is mapped for writing alone, or the unit fails; then the
  ///   map still says the most that devices may do
  public void guard(PageRange guest, Guard guard) throws VmmException {
    synchronized (physical) {
      demandOpen();
      for (Mapping mapping : map.within(guest)) {
        Mapping next = mapping.guarded(guard);
        Rights rights =
            next.deviceRights()
                .orElseThrow(() ->
                    new VmmException(
                        Reason.IN_USE,
                        "guest physical %s of partition %s is mapped for writing alone"
                            .formatted(mapping.guest(), name)));
        physical.quarantine().settle(mapping.hostPages());
        boolean widens = next.isWritableByDevices() && !mapping.isWritableByDevices();
        if (widens) {
          map.guard(mapping.guest(), guard);
        }
        try {
          domain.protect(mapping.guest().first(), mapping.guest().bytes(), rights);
        } catch (DriverException e) {
          throw failed("guard", mapping.guest(), e);
        }
        map.guard(mapping.guest(), guard);
      }
      inFlight.drain();
    }
  }

  /// The guest physical addresses where devices' tables have small pages, and one of 2 MiB would
  /// say the same.
  ///
  /// @throws VmmException if the tables cannot be read
  public List<Long> joinable() throws VmmException {
    synchronized (physical) {
      demandOpen();
      List<Long> all = new ArrayList<>();
      for (long gpa : largePages()) {
        try {
          if (domain.isJoinable(gpa)) {
            all.add(gpa);
          }
        } catch (DriverException e) {
          throw failed("look at", new PageRange(gpa, PageTables.LARGE_BYTES), e);
        }
      }
      return all;
    }
  }

  /// Where large pages that are mapped could begin.
  private SortedSet<Long> largePages() {
    SortedSet<Long> all = new TreeSet<>();
    for (Mapping mapping : map.mappings()) {
      long at = mapping.guest().first() & -PageTables.LARGE_BYTES;
      while (at < mapping.guest().end()) {
        all.add(at);
        at += PageTables.LARGE_BYTES;
      }
    }
    return all;
  }

  /// Has devices' tables map by large pages what is [#joinable]; where that leads, and for what,
  /// stays as it is, all the time.
  ///
  /// @param gpas where; what is not joinable any more stays as it is
  /// @return where it was done
  /// @throws VmmException if the unit fails
  public List<Long> join(List<Long> gpas) throws VmmException {
    synchronized (physical) {
      demandOpen();
      List<Long> done = new ArrayList<>();
      for (long gpa : gpas) {
        try {
          if (domain.join(gpa)) {
            done.add(gpa);
          }
        } catch (DriverException e) {
          throw failed("join", new PageRange(gpa, PageTables.LARGE_BYTES), e);
        }
      }
      return done;
    }
  }

  /// Undoes [#join].
  ///
  /// @param gpas where; what is no large page stays as it is
  /// @throws VmmException if the unit fails
  public void divide(List<Long> gpas) throws VmmException {
    synchronized (physical) {
      demandOpen();
      for (long gpa : gpas) {
        try {
          domain.divide(gpa);
        } catch (DriverException e) {
          throw failed("divide", new PageRange(gpa, PageTables.LARGE_BYTES), e);
        }
      }
    }
  }

  /// Takes out everything, for good: nothing can be mapped any more.
  ///
  /// @throws VmmException if the unit fails
  public void close() throws VmmException {
    synchronized (physical) {
      losses.invalidation(Invalidation.STRICT);
      for (Mapping mapping : map.mappings()) {
        unmap(mapping.guest());
      }
      if (!closed) {
        closed = true;
        domain.close();
      }
    }
  }

  /// Fails if the partition was taken down.
  ///
  /// @throws VmmException [Reason#UNKNOWN]
  public void demandOpen() throws VmmException {
    synchronized (physical) {
      if (closed) {
        throw new VmmException(Reason.UNKNOWN, "partition " + name + " was taken down");
      }
    }
  }

  private VmmException failed(String what, PageRange guest, DriverException e) {
    return new VmmException(
        Reason.UNIT,
        "cannot %s guest physical %s of partition %s: %s"
            .formatted(what, guest, name, e.getMessage()),
        e);
  }

  @Override
  public String toString() {
    return "partition " + name;
  }
}
