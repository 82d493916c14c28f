package dev.portcullis.devices.dma;

import dev.portcullis.devices.FakeHost;
import dev.portcullis.devices.SharedMemoryHost;
import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.PageResponse;
import dev.portcullis.pci.PasidPrefix;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// An engine, the host it is plugged into, and one channel with its ring and records in address
/// space 5.
///
/// ```
///  7000h  ring, at 10000h of physical memory       9000h  data, at 20000h
///  8000h  completion records, at 11000h            a000h  data, at 21000h
/// ```
final class Rig {
  static final int FIVE = PasidPrefix.of(5);
  static final long RING = 0x7000;
  static final long RECORDS = 0x8000;
  static final long SOURCE = 0x9000;
  static final long DESTINATION = 0xa000;
  static final long RING_AT = 0x10000;
  static final long RECORDS_AT = 0x11000;
  static final long SOURCE_AT = 0x20000;
  static final long DESTINATION_AT = 0x21000;

  static final int COPY = 1;
  static final int FILL = 2;
  static final int RECORD = 0x100;
  static final int INTERRUPT = 0x200;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final VarHandle WORD =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  final SharedMemoryHost host = new SharedMemoryHost();
  final DmaEngine engine = host.plug(new DmaEngine());
  private int tail;

  Rig() {
    config(0x10e, 2, 0xf);
    config(0x106, 2, 0x8000);
    config(0x11c, 4, 32);
    config(0x114, 2, 1);
    config(0x42, 2, 0x8000);
    for (int vector = 0; vector < 4; vector++) {
      engine.writeBar(0, 0x8000 + 16 * vector, 8, 0xfee0_0000L);
      engine.writeBar(0, 0x8008 + 16 * vector, 8, 0x40 + vector);
    }
    host.map(FIVE, RING, RING_AT);
    host.map(FIVE, RECORDS, RECORDS_AT);
  }

  void config(int offset, int widthBytes, long value) {
    engine.writeConfig(offset, widthBytes, value);
  }

  Rig withData() {
    host.map(FIVE, SOURCE, SOURCE_AT);
    host.map(FIVE, DESTINATION, DESTINATION_AT);
    for (int i = 0; i < 512; i++) {
      host.ram().set(LONG, SOURCE_AT + 8 * i, 0x0101_0101_0101_0101L * i + i);
    }
    return this;
  }

  long read(int offset) {
    return engine.readBar(0, offset, 4);
  }

  void write(int offset, long value) {
    engine.writeBar(0, offset, 4, value);
  }

  long channel(int offset) {
    return read(0x1000 + offset);
  }

  void channel(int offset, long value) {
    write(0x1000 + offset, value);
  }

  /// Enables the channel with this control word besides, and a ring of 16.
  Rig running(int control) {
    channel(Channel.PASID, 5);
    channel(Channel.VECTOR, 2);
    channel(Channel.RING_LOW, RING);
    channel(Channel.RING_SIZE, 4);
    channel(Channel.CONTROL, control | Channel.ENABLE | Channel.USE_PASID);
    return this;
  }

  /// Enables the channel so that it asks for one page at a time, up to four times.
  Rig running() {
    return running(1 << 8 | 4 << 16);
  }

  /// Writes the next descriptor, and its record's address.
  int put(long first, long source, long destination, long length, long operand, long expected) {
    int index = tail;
    long at = RING_AT + 64L * index;
    long record = RECORDS + 32L * index;
    host.ram().asSlice(RECORDS_AT + 32L * index, 32).fill((byte) 0);
    long[] words = {first, source, destination, length, operand, expected, record, 0};
    for (int i = 0; i < words.length; i++) {
      host.ram().set(LONG, at + 8 * i, words[i]);
    }
    tail = tail + 1 & 15;
    return index;
  }

  void ring() {
    channel(Channel.TAIL, tail);
  }

  /// Gives the channel one descriptor with a record.
  int submit(int opcodeAndFlags, long source, long destination, long length, long operand) {
    int index = put(opcodeAndFlags | RECORD, source, destination, length, operand, 0);
    ring();
    return index;
  }

  long record(int index, int word) {
    return (long) WORD.getAcquire(host.ram(), RECORDS_AT + 32L * index + 8L * word);
  }

  Status statusOf(int index) {
    return Status.values()[(int) record(index, 0) & 0xff];
  }

  Status awaitRecord(int index) {
    FakeHost.await("completion record", () -> (record(index, 0) & 0xff) != 0);
    return statusOf(index);
  }

  void awaitState(Channel.State state) {
    FakeHost.await("state " + state, () -> (channel(Channel.STATUS) & 3) == state.ordinal());
  }

  ChannelError error() {
    return ChannelError.values()[(int) channel(Channel.STATUS) >> 8 & 0xff];
  }

  PageRequest awaitPage() {
    FakeHost.await("page request", () -> !host.pages.isEmpty());
    return host.pages.remove();
  }

  void answer(PageRequest request, int code) {
    engine.respond(new PageResponse(request.prefix(), request.group(), code));
  }

  long ram(long at) {
    return host.ram().get(LONG, at);
  }

  void ram(long at, long value) {
    host.ram().set(LONG, at, value);
  }
}
