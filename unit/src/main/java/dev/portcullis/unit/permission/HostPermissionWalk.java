package dev.portcullis.unit.permission;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.table.HostPermissionEntry;
import dev.portcullis.unit.cache.Translation;
import dev.portcullis.unit.lookup.WalkScratch;
import dev.portcullis.unit.request.Rights;

/// Walks host permission tables: four levels, each entry with permissions of its own or a pointer
/// to the next table.
///
/// @vtd 9.9 Host Permission Table Entries
public final class HostPermissionWalk {
  private static final int HIGHEST = 4;

  private final MemoryMap memory;
  private final long beyondHostAddress;
  private final boolean permitsGibibytes;

  public HostPermissionWalk(MemoryMap memory, Capabilities capabilities) {
    this.memory = memory;
    this.beyondHostAddress = capabilities.beyondHostAddress();
    this.permitsGibibytes = capabilities.has(Feature.HOST_PERMISSION_1_GIB);
  }

  /// Walks the tables at `table` for the host physical address `hpa`.
  ///
  /// @return a [Translation] of the page of `hpa` to itself with the rights there are; without any
  ///   if the walk ended before it found permissions; or a fault
  public long walk(long table, long hpa, WalkScratch scratch) {
    long base = table;
    for (int level = HIGHEST; level >= 1; level--) {
      scratch.fetches++;
      scratch.tally.memoryReads++;
      if (!memory.fetch128(HostPermissionEntry.address(base, hpa, level), scratch.fetched)) {
        return fault(
            level == HIGHEST
                ? FaultReason.HOST_PERMISSION_TOP_FETCH_FAILED // 6.3
                : FaultReason.HOST_PERMISSION_FETCH_FAILED); // 6.4
      }
      var entry = new HostPermissionEntry(scratch.fetched.lo, scratch.fetched.hi);
      if (entry.hasReservedBits(level, beyondHostAddress, permitsGibibytes)) {
        return fault(FaultReason.HOST_PERMISSION_RESERVED_BITS); // 6.5
      }
      int permissions = entry.permissions(hpa, level);
      if (permissions != 0) {
        return Translation.of(hpa, permissions | Rights.ZERO_LENGTH_READ);
      }
      if (level == 1 || !entry.pointsToTable()) {
        break;
      }
      base = entry.nextTable();
    }
    return Translation.of(hpa, 0);
  }

  private static long fault(FaultReason reason) {
    return Translation.fault(reason.code());
  }
}
