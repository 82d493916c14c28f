package dev.portcullis.management.health;

import dev.portcullis.memory.MemoryMap;
import java.lang.foreign.MemorySegment;

/// What keeps bytes, by host physical address.
interface Cells {
  /// @return whether there is memory for all of it
  boolean write(long hpa, MemorySegment bytes);

  /// @return whether there is memory for all of it
  boolean read(long hpa, MemorySegment to);

  /// All of a machine's memory.
  static Cells of(MemoryMap memory) {
    return new Cells() {
      @Override
      public boolean write(long hpa, MemorySegment bytes) {
        return memory.write(hpa, bytes, 0, bytes.byteSize());
      }

      @Override
      public boolean read(long hpa, MemorySegment to) {
        return memory.read(hpa, to, 0, to.byteSize());
      }
    };
  }
}
