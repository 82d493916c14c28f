package dev.portcullis.system;

import dev.portcullis.machine.Station;
import dev.portcullis.memory.MemoryMap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/// The guest's memory, seen from the host past every unit.
final class PhysicalMemory {
  private final MemoryMap map;

  private PhysicalMemory(MemoryMap map) {
    this.map = map;
  }

  /// What the connection of a device shows.
  static PhysicalMemory behind(Station station) {
    return new PhysicalMemory(station.memory());
  }

  byte[] read(long hpa, int lengthBytes) {
    MemorySegment bytes = Arena.ofAuto().allocate(lengthBytes);
    if (!map.read(hpa, bytes, 0, lengthBytes)) {
      throw new AssertionError("no memory at %#x".formatted(hpa));
    }
    return bytes.toArray(ValueLayout.JAVA_BYTE);
  }

  /// Fills memory with bytes that nobody else would put there.
  ///
  /// @return the bytes
  byte[] fill(long hpa, int lengthBytes) {
    byte[] bytes = new byte[lengthBytes];
    new Random(hpa).nextBytes(bytes);
    MemorySegment segment = Arena.ofAuto().allocate(lengthBytes);
    segment.copyFrom(MemorySegment.ofArray(bytes));
    if (!map.write(hpa, segment, 0, lengthBytes)) {
      throw new AssertionError("no memory at %#x".formatted(hpa));
    }
    return bytes;
  }
}
