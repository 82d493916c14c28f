package dev.portcullis.vmm;

import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.vmm.VmmException.Reason;
import dev.portcullis.vmm.assign.Assignment;
import dev.portcullis.vmm.assign.Assignments;
import dev.portcullis.vmm.isolation.Isolation;
import dev.portcullis.vmm.memory.Owner;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.memory.PhysicalMemory;
import dev.portcullis.vmm.partition.Partition;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A light virtual machine monitor: divides a machine's memory among partitions, and gives them its
/// functions. What is the monitor's, the firmware's and the tables' is in no partition's map;
/// nobody reaches it because nothing leads there.
public final class Lvmm {
  private static final MemorySegment ZEROES =
      MemorySegment.ofArray(new byte[(int) PageRange.PAGE_BYTES]).asReadOnly();

  private final RemappingDriver driver;
  private final MemoryMap memory;
  private final PhysicalMemory physical;
  private final Assignments assignments;
  private final Map<String, Partition> partitions = new LinkedHashMap<>();

  /// What becomes of the memory of a partition that is taken down.
  public enum Departure {
    /// Zeroes, before anybody else gets it.
    SCRUBBED,
    /// It stays as it is.
    AS_IT_IS
  }

  /// @param memory the machine's
  /// @param physical its ledger: what is reserved is in it already
  public Lvmm(RemappingDriver driver, MemoryMap memory, PhysicalMemory physical) {
    this.driver = driver;
    this.memory = memory;
    this.physical = physical;
    this.assignments = new Assignments(driver, physical);
  }

  /// A partition with a window of `bytes` bytes, and nothing in its map.
  ///
  /// @throws VmmException if there is one of that name, no memory is left, or no domain is
  public Partition create(String name, long bytes) throws VmmException {
    synchronized (physical) {
      if (partitions.containsKey(name)) {
        throw new VmmException(Reason.EXISTS, "there is a partition " + name + " already");
      }
      PageRange window = physical.allocate(bytes, new Owner.Window(name));
      try {
        Partition partition = new Partition(name, window, physical, domain(name), memory);
        partitions.put(name, partition);
        return partition;
      } catch (VmmException e) {
        physical.release(window);
        throw e;
      }
    }
  }

  private PagingDomain domain(String name) throws VmmException {
    try {
      return driver.domains().paging();
    } catch (DriverException e) {
      throw new VmmException(
          Reason.UNIT, "no domain for partition %s: %s".formatted(name, e.getMessage()), e);
    }
  }

  /// Memory of `bytes` bytes that all of `sharers` may map.
  ///
  /// @param purpose for people
  /// @throws VmmException if no memory is left
  public PageRange share(String purpose, long bytes, Partition... sharers) throws VmmException {
    Set<String> names = Stream.of(sharers).map(Partition::name).collect(Collectors.toSet());
    return physical.allocate(bytes, new Owner.Shared(purpose, names));
  }

  /// Gives back memory that was shared.
  ///
  /// @throws VmmException if a partition still has some of it in its map
  public void unshare(PageRange range) throws VmmException {
    synchronized (physical) {
      for (Partition partition : partitions.values()) {
        if (partition.map().mappings().stream().anyMatch(one -> one.hostPages().overlaps(range))) {
          throw new VmmException(Reason.IN_USE, range + " is still mapped in " + partition);
        }
      }
      physical.quarantine().settle(range);
      physical.release(range);
    }
  }

  /// Takes `partition` down: its functions are released, its map is emptied, its window is free.
  ///
  /// @throws VmmException if the unit fails; the partition is still there then
  public void destroy(Partition partition, Departure departure) throws VmmException {
    synchronized (physical) {
      partition.demandOpen();
      for (Assignment assignment : assignments.of(partition)) {
        assignments.release(assignment.function().at());
      }
      partition.close();
      if (departure == Departure.SCRUBBED) {
        scrub(partition.window());
      }
      partitions.remove(partition.name());
      physical.strike(partition.name());
      physical.release(partition.window());
    }
  }

  /// Resets the functions of `partition`, and overwrites its memory with zeroes.
  ///
  /// @throws VmmException if it was taken down
  public void scrub(Partition partition) throws VmmException {
    synchronized (physical) {
      partition.demandOpen();
      for (Assignment assignment : assignments.of(partition)) {
        assignment.function().reset();
      }
      partition.settle();
      scrub(partition.window());
    }
  }

  private void scrub(PageRange range) throws VmmException {
    for (long hpa = range.first(); hpa < range.end(); hpa += PageRange.PAGE_BYTES) {
      if (!memory.write(hpa, ZEROES, 0, PageRange.PAGE_BYTES)) {
        throw new VmmException(Reason.UNKNOWN, "no memory at %x to scrub".formatted(hpa));
      }
    }
  }

  /// Which function belongs to whom.
  public Assignments assignments() {
    return assignments;
  }

  /// The partition called `name`.
  public Optional<Partition> partition(String name) {
    synchronized (physical) {
      return Optional.ofNullable(partitions.get(name));
    }
  }

  /// All partitions, the oldest first.
  public List<Partition> partitions() {
    synchronized (physical) {
      return new ArrayList<>(partitions.values());
    }
  }

  /// Whose each page is.
  public PhysicalMemory physical() {
    return physical;
  }

  /// What is wrong with the maps, a line each: always nothing.
  public List<String> breaches() {
    synchronized (physical) {
      return Isolation.breaches(physical, partitions());
    }
  }
}
