package dev.portcullis.vfiouser.client;

import dev.portcullis.linux.Descriptor;
import dev.portcullis.linux.LinuxException;
import dev.portcullis.linux.Mapping;
import dev.portcullis.linux.MemoryFile;
import dev.portcullis.vfiouser.wire.DmaMap;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// A guest's memory: a file in memory, its first byte at some guest physical address. Writes to the
/// interrupt range are kept apart, as the messages they are.
public final class GuestMemory implements Bus, AutoCloseable {
  private static final long INTERRUPTS = 0xfee0_0000L;
  private static final long INTERRUPTS_BYTES = 0x10_0000;

  private final long gpa;
  private final Descriptor file;
  private final Mapping mapping;
  private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();

  /// An interrupt message.
  public record Message(long address, int data) {}

  /// Memory of `sizeBytes` bytes, whole pages, at `gpa`.
  public GuestMemory(long gpa, long sizeBytes) throws LinuxException {
    this.gpa = gpa;
    file = MemoryFile.create("guest memory", sizeBytes);
    mapping = Mapping.of(file, 0, sizeBytes, Mapping.Protection.READ_WRITE);
  }

  /// The file behind it.
  public Descriptor file() {
    return file;
  }

  /// The bytes, as the guest sees them.
  public MemorySegment bytes() {
    return mapping.bytes();
  }

  /// The interrupt messages that came, oldest first.
  public BlockingQueue<Message> messages() {
    return messages;
  }

  /// How to tell a server of all of it.
  public DmaMap range() {
    return new DmaMap(DmaMap.READ | DmaMap.WRITE, 0, gpa, bytes().byteSize());
  }

  @Override
  public byte[] read(long address, int count) {
    return contains(address, count)
        ? bytes().asSlice(address - gpa, count).toArray(ValueLayout.JAVA_BYTE)
        : null;
  }

  @Override
  public boolean write(long address, byte[] data) {
    if (data.length == Integer.BYTES
        && address >= INTERRUPTS
        && address < INTERRUPTS + INTERRUPTS_BYTES) {
      MemorySegment word = MemorySegment.ofArray(data);
      return messages.add(new Message(address, word.get(ValueLayout.JAVA_INT_UNALIGNED, 0)));
    }
    if (!contains(address, data.length)) {
      return false;
    }
    MemorySegment.copy(data, 0, bytes(), ValueLayout.JAVA_BYTE, address - gpa, data.length);
    return true;
  }

  private boolean contains(long address, int count) {
    return address >= gpa && address - gpa <= bytes().byteSize() - count;
  }

  @Override
  public void close() {
    mapping.close();
    file.close();
  }
}
