package dev.portcullis.machine.chassis;

import dev.portcullis.linux.Descriptor;
import dev.portcullis.linux.LinuxException;
import dev.portcullis.linux.Mapping;
import dev.portcullis.linux.MemoryFile;
import dev.portcullis.machine.PlatformException;
import dev.portcullis.memory.MappedRegion;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.memory.MemoryRegion;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// A machine's physical memory: one file. Below 4 GiB its offsets are host physical addresses;
/// memory above 4 GiB, if there is some, follows in the file where that below ends.
public final class HostMemory implements AutoCloseable {
  /// Memory ends below the registers and the interrupt range, which lie under 4 GiB.
  public static final long MOST_BYTES = 3L << 30;

  /// Where high memory begins.
  public static final long HIGH = 4L << 30;

  private final Descriptor file;
  private final Mapping mapping;
  private final MemoryMap map = new MemoryMap();
  private final long bytes;

  private HostMemory(Descriptor file, Mapping mapping, long bytes) {
    this.file = file;
    this.mapping = mapping;
    this.bytes = bytes;
    add(0, 0, bytes);
    add(HIGH, bytes, mapping.bytes().byteSize() - bytes);
  }

  private void add(long hpa, long offset, long length) {
    if (length > 0) {
      map.add(
          new MappedRegion(
              hpa, mapping.bytes().asSlice(offset, length), MemoryRegion.Access.READ_WRITE));
    }
  }

  /// Memory of this size, all zeroes; it costs what is written.
  ///
  /// @param bytes a multiple of 4096, at most [#MOST_BYTES]
  public static HostMemory of(long bytes) throws PlatformException {
    return of(bytes, 0);
  }

  /// Memory of this size, and more above 4 GiB.
  ///
  /// @param bytes below 4 GiB: a multiple of 4096, at most [#MOST_BYTES]
  /// @param highBytes from [#HIGH] on: a multiple of 4096
  public static HostMemory of(long bytes, long highBytes) throws PlatformException {
    if (bytes > MOST_BYTES) {
      throw new IllegalArgumentException("more than 3 GiB: " + bytes);
    }
    try {
      long whole = bytes + highBytes;
      Descriptor file = MemoryFile.create("portcullis-memory", whole);
      try {
        return new HostMemory(
            file, Mapping.of(file, 0, whole, Mapping.Protection.READ_WRITE), bytes);
      } catch (LinuxException e) {
        file.close();
        throw e;
      }
    } catch (LinuxException e) {
      throw new PlatformException("no memory for the machine: " + e.getMessage(), e);
    }
  }

  /// All of it by host physical address.
  public MemoryMap map() {
    return map;
  }

  /// `length` bytes at `hpa`, as the machine's own processors see them.
  ///
  /// @throws IndexOutOfBoundsException if not all of it is memory of one piece
  public MemorySegment at(long hpa, long length) {
    Objects.checkFromIndexSize(
        hpa < HIGH ? hpa : hpa - HIGH,
        length,
        hpa < HIGH ? bytes : mapping.bytes().byteSize() - bytes);
    return mapping.bytes().asSlice(hpa < HIGH ? hpa : hpa - HIGH + bytes, length);
  }

  /// The file, for processes that shall see some of it.
  public Descriptor file() {
    return file;
  }

  /// How much there is from address 0 on.
  public long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    mapping.close();
    file.close();
  }
}
