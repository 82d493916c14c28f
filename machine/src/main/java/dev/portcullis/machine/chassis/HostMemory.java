package dev.portcullis.machine.chassis;

import dev.portcullis.linux.Descriptor;
import dev.portcullis.linux.LinuxException;
import dev.portcullis.linux.Mapping;
import dev.portcullis.linux.MemoryFile;
import dev.portcullis.machine.PlatformException;
import dev.portcullis.memory.MappedRegion;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.memory.MemoryRegion;

/// A machine's physical memory: one file, whose offsets are host physical addresses.
public final class HostMemory implements AutoCloseable {
  /// Memory ends below the registers and the interrupt range, which lie under 4 GiB.
  public static final long MOST_BYTES = 3L << 30;

  private final Descriptor file;
  private final Mapping mapping;
  private final MemoryMap map = new MemoryMap();
  private final long bytes;

  private HostMemory(Descriptor file, Mapping mapping, long bytes) {
    this.file = file;
    this.mapping = mapping;
    this.bytes = bytes;
    map.add(new MappedRegion(0, mapping.bytes(), MemoryRegion.Access.READ_WRITE));
  }

  /// Memory of this size, all zeroes; it costs what is written.
  ///
  /// @param bytes a multiple of 4096, at most [#MOST_BYTES]
  public static HostMemory of(long bytes) throws PlatformException {
    if (bytes > MOST_BYTES) {
      throw new IllegalArgumentException("more than 3 GiB: " + bytes);
    }
    try {
      Descriptor file = MemoryFile.create("portcullis-memory", bytes);
      try {
        return new HostMemory(
            file, Mapping.of(file, 0, bytes, Mapping.Protection.READ_WRITE), bytes);
      } catch (LinuxException e) {
        file.close();
        throw e;
      }
    } catch (LinuxException e) {
      throw new PlatformException("no memory for the machine: " + e.getMessage(), e);
    }
  }

  /// All of it by host physical address, from 0 on.
  public MemoryMap map() {
    return map;
  }

  /// The file, for processes that shall see some of it.
  public Descriptor file() {
    return file;
  }

  public long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    mapping.close();
    file.close();
  }
}
