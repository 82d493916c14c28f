package dev.portcullis.kit.reference;

import dev.portcullis.kit.register.Facts;
import dev.portcullis.kit.table.Entry;
import dev.portcullis.memory.Fetched;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.memory.MemoryRegion;
import dev.portcullis.unit.policy.Bit62;
import java.util.ArrayList;
import java.util.List;

/// One request on its way: what is asked, what was met so far, and memory to read.
final class Walk {
  static final long INTERRUPT_RANGE = 0xfee;

  final Ask ask;
  final Facts facts;
  final Bit62 bit62;
  final boolean ioRights;
  final Flags flags = new Flags();
  final List<Visit> visits = new ArrayList<>();

  /// Whether an FPD bit was met.
  boolean silenced;

  private final MemoryMap memory;
  private final Fetched fetched = new Fetched();

  /// @param ioRights whether second-stage rights are in bits 61 and 62 (SSIRWE)
  Walk(Ask ask, Facts facts, Bit62 bit62, boolean ioRights, MemoryMap memory) {
    this.ask = ask;
    this.facts = facts;
    this.bit62 = bit62;
    this.ioRights = ioRights;
    this.memory = memory;
  }

  /// The 128 bits at `hpa`; null if there is no memory.
  Entry fetch128(long hpa) {
    return memory.fetch128(hpa, fetched) ? new Entry(fetched.lo, fetched.hi) : null;
  }

  /// The 64 bits at `hpa`; null if there is no memory.
  Long fetch64(long hpa) {
    return memory.fetch64(hpa, fetched) ? Long.valueOf(fetched.lo) : null;
  }

  /// Whether the unit can set flags in the entry at `hpa`.
  boolean isWritable(long hpa) {
    for (MemoryRegion region : memory.regions()) {
      if (hpa >= region.base() && hpa - region.base() < region.sizeBytes()) {
        return region.access() == MemoryRegion.Access.READ_WRITE;
      }
    }
    return false;
  }

  void meet(boolean faultProcessingDisabled) {
    silenced |= faultProcessingDisabled;
  }

  static boolean inInterruptRange(long address) {
    return address >>> 20 == INTERRUPT_RANGE;
  }

  static boolean beyond(long address, int bits) {
    return bits < 64 && address >>> bits != 0;
  }
}
