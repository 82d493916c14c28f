package dev.portcullis.machine.qtest;

import dev.portcullis.linux.Descriptor;
import dev.portcullis.linux.LinuxException;
import dev.portcullis.linux.Mapping;
import dev.portcullis.linux.MemoryFile;
import dev.portcullis.machine.PlatformException;
import dev.portcullis.memory.MappedRegion;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.memory.MemoryRegion;

/// Memory where q35 has it: below the hole of the first mebibyte, above it, and, if there is more
/// than fits under the windows, from 4 GiB on.
final class Ram implements AutoCloseable {
  private static final long HOLE = 0xa_0000L;
  private static final long HOLE_END = 0x10_0000L;
  private static final long MOST_BELOW = 0xb000_0000L;
  private static final long SPLIT_AT = 0x8000_0000L;
  private static final long ABOVE = 1L << 32;

  private final MemoryMap map = new MemoryMap();
  private final Mapping mapping;

  private Ram(Mapping mapping) {
    this.mapping = mapping;
  }

  /// Memory of this size, all zeroes; it costs what is written.
  static Ram of(long sizeBytes) throws PlatformException {
    try (Descriptor file = MemoryFile.create("portcullis-ram", sizeBytes)) {
      Ram ram = new Ram(Mapping.of(file, 0, sizeBytes, Mapping.Protection.READ_WRITE));
      long below = sizeBytes < MOST_BELOW ? sizeBytes : SPLIT_AT;
      ram.add(0, 0, HOLE);
      ram.add(HOLE_END, HOLE_END, below - HOLE_END);
      if (below < sizeBytes) {
        ram.add(ABOVE, below, sizeBytes - below);
      }
      return ram;
    } catch (LinuxException e) {
      throw new PlatformException("no memory for the machine: " + e.getMessage(), e);
    }
  }

  private void add(long base, long offset, long sizeBytes) {
    map.add(
        new MappedRegion(
            base, mapping.bytes().asSlice(offset, sizeBytes), MemoryRegion.Access.READ_WRITE));
  }

  MemoryMap map() {
    return map;
  }

  @Override
  public void close() {
    mapping.close();
  }
}
