package dev.portcullis.unit.snoop;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.memory.StaleMemory;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.policy.TableReads;

/// The memory that each kind of table is read from: as it is where the unit snoops the processor's
/// caches, and elsewhere as [TableReads] says.
///
/// @vtd 3.9 Snoop Behavior
public final class TableMemory {
  private final MemoryMap memory;
  private final StaleMemory stale;
  private final MemoryMap unsnooped;
  private final boolean structuresSnooped;
  private final boolean walksSnooped;

  /// Tables in `memory`, for a unit with `capabilities`.
  public TableMemory(MemoryMap memory, Capabilities capabilities, TableReads reads) {
    this.memory = memory;
    this.stale =
        switch (reads) {
          case CURRENT -> null;
          case UNTIL_FLUSHED -> new StaleMemory(memory);
        };
    this.unsnooped = stale == null ? memory : stale;
    this.structuresSnooped = capabilities.has(Feature.COHERENT_TABLES);
    this.walksSnooped = capabilities.has(Feature.SCALABLE_WALK_COHERENCY);
  }

  /// What is always snooped: posted-interrupt descriptors, queues, status writes.
  public MemoryMap snooped() {
    return memory;
  }

  /// Root, context, PASID and interrupt tables, and second-stage tables of legacy mode.
  public MemoryMap structures() {
    return structuresSnooped ? memory : unsnooped;
  }

  /// Tables below a PASID entry with PWSNP: first and second stage, host permissions.
  public MemoryMap snoopedWalks() {
    return walksSnooped ? memory : unsnooped;
  }

  /// The same below an entry without.
  public MemoryMap otherWalks() {
    return unsnooped;
  }

  /// Software has flushed `lengthBytes` bytes at `hpa`.
  public void flushed(long hpa, long lengthBytes) {
    if (stale != null) {
      stale.flushed(hpa, lengthBytes);
    }
  }

  /// As after power-on.
  public void reset() {
    if (stale != null) {
      stale.forget();
    }
  }
}
