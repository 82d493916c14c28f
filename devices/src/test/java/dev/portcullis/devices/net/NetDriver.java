package dev.portcullis.devices.net;

import dev.portcullis.devices.FakeHost;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// A driver for [VirtioNet] with rings of 16 entries, queue n at 10000h * (n + 1), and 2 KiB of
/// buffer for each descriptor behind them. Unless a method says which, queue 0 receives, 1 sends.
final class NetDriver implements AutoCloseable {
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final int SIZE = 16;
  static final long ALL = 0x3_3001_8029L;
  static final long PLAIN = 0x3_0000_0000L;
  static final int AVAILABLE = 0x1000;
  static final int USED = 0x2000;
  static final int BUFFERS = 0x4000;
  static final int HEADER_BYTES = 12;

  final FakeHost host = new FakeHost(1 << 20);
  final VirtioNet card;
  private int received;

  NetDriver(VirtioNet card) {
    this.card = host.plug(card);
  }

  static int ring(int queue) {
    return 0x10000 * (queue + 1);
  }

  long read(int offset, int widthBytes) {
    return card.readBar(0, offset, widthBytes);
  }

  void write(int offset, int widthBytes, long value) {
    card.writeBar(0, offset, widthBytes, value);
  }

  int status() {
    return (int) read(0x14, 1);
  }

  /// Agrees to `features`; the status tells whether the device did.
  NetDriver agree(long features) {
    write(0x14, 1, 0);
    write(0x14, 1, 3);
    write(0x08, 4, 0);
    write(0x0c, 4, features);
    write(0x08, 4, 1);
    write(0x0c, 4, features >>> 32);
    write(0x14, 1, 0x0b);
    return this;
  }

  /// Sets the rings up, empty, with an interrupt vector each, and says DRIVER_OK.
  NetDriver start(long features) {
    return start(features, 2);
  }

  /// The same with as many queues; the configuration has the vector behind theirs.
  NetDriver start(long features, int queues) {
    agree(features);
    host.ram().asSlice(ring(0), 0x10000L * queues).fill((byte) 0);
    received = 0;
    card.writeConfig(card.capabilities().getFirst().at() + 2, 2, 0x8000);
    for (int vector = 0; vector <= queues; vector++) {
      write(0x8000 + 16 * vector + 8, 4, vector);
      write(0x8000 + 16 * vector + 12, 4, 0);
    }
    write(0x10, 2, queues);
    for (int queue = 0; queue < queues; queue++) {
      write(0x16, 2, queue);
      write(0x18, 2, SIZE);
      write(0x1a, 2, queue);
      write(0x20, 4, ring(queue));
      write(0x28, 8, ring(queue) + AVAILABLE);
      write(0x30, 8, ring(queue) + USED);
      write(0x1c, 2, 1);
    }
    write(0x14, 1, 0x0f);
    return this;
  }

  void descriptor(long at, long address, int lengthBytes, int flagsAndNext) {
    host.ram().set(FakeHost.LONG, at, address);
    host.ram().set(FakeHost.INT, at + 8, lengthBytes);
    host.ram().set(FakeHost.INT, at + 12, flagsAndNext);
  }

  int used(int queue) {
    return host.ram().get(SHORT, ring(queue) + USED + 2) & 0xffff;
  }

  int offered(int queue) {
    return host.ram().get(SHORT, ring(queue) + AVAILABLE + 2) & 0xffff;
  }

  /// Offers the chain that starts at descriptor `head`.
  void offer(int queue, int head) {
    int index = offered(queue);
    long at = ring(queue) + AVAILABLE;
    host.ram().set(SHORT, at + 4 + 2 * (index % SIZE), (short) head);
    host.ram().set(SHORT, at + 2, (short) (index + 1));
    write(0x3000 + 4 * queue, 2, queue);
  }

  /// Offers `count` receive buffers of `lengthBytes` bytes.
  NetDriver offerBuffers(int count, int lengthBytes) {
    for (int i = 0; i < count; i++) {
      int head = offered(0) % SIZE;
      descriptor(ring(0) + 16L * head, ring(0) + BUFFERS + 2048L * head, lengthBytes, 2);
      offer(0, head);
    }
    return this;
  }

  /// Gives the card a command, and waits for the answer.
  int command(int queue, byte[] command) {
    int head = offered(queue) % SIZE;
    long at = ring(queue) + BUFFERS + 2048L * head;
    MemorySegment.copy(MemorySegment.ofArray(command), 0, host.ram(), at, command.length);
    host.ram().set(ValueLayout.JAVA_BYTE, at + 2047, (byte) 0xee);
    int answer = (head + 1) % SIZE;
    descriptor(ring(queue) + 16L * head, at, command.length, 1 | answer << 16);
    descriptor(ring(queue) + 16L * answer, at + 2047, 1, 2);
    int awaited = offered(queue) + 1 & 0xffff;
    offer(queue, head);
    FakeHost.await("an answer", () -> used(queue) == awaited);
    return host.ram().get(ValueLayout.JAVA_BYTE, at + 2047) & 0xff;
  }

  /// Offers a buffer of 2 KiB to the queue, the `index`th of its life.
  void offerBuffer(int queue, int index) {
    int head = index % SIZE;
    descriptor(ring(queue) + 16L * head, ring(queue) + BUFFERS + 2048L * head, 2048, 2);
    offer(queue, head);
  }

  /// The flags in the header of what was received in the `index`th buffer of queue 0.
  int flags(int index) {
    return host.ram().get(ValueLayout.JAVA_BYTE, ring(0) + BUFFERS + 2048L * (index % SIZE));
  }

  /// Sends through a queue, and waits until the card has used it.
  void send(int queue, MemorySegment headed) {
    int head = offered(queue) % SIZE;
    long at = ring(queue) + BUFFERS + 2048L * head;
    MemorySegment.copy(headed, 0, host.ram(), at, headed.byteSize());
    descriptor(ring(queue) + 16L * head, at, (int) headed.byteSize(), 0);
    int awaited = offered(queue) + 1 & 0xffff;
    offer(queue, head);
    FakeHost.await("frame sent", () -> used(queue) == awaited);
  }

  static MemorySegment headed(byte[] frame) {
    return MemorySegment.ofArray(concat(new byte[HEADER_BYTES], frame));
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = new byte[first.length + second.length];
    System.arraycopy(first, 0, both, 0, first.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /// Sends what has a header already, and waits until the card has used it.
  void send(MemorySegment headed) {
    send(1, headed);
  }

  /// The next frame received, put together from its buffers.
  byte[] receive() {
    awaitUsed(received + 1);
    List<byte[]> parts = new ArrayList<>();
    int count = 1;
    for (int i = 0; i < count; i++) {
      awaitUsed(received + 1);
      long entry = ring(0) + USED + 4 + 8L * (received++ % SIZE);
      int head = host.ram().get(FakeHost.INT, entry);
      int lengthBytes = host.ram().get(FakeHost.INT, entry + 4);
      byte[] part = new byte[lengthBytes];
      long at = ring(0) + BUFFERS + 2048L * head;
      MemorySegment.copy(host.ram(), at, MemorySegment.ofArray(part), 0, lengthBytes);
      parts.add(part);
      if (i == 0) {
        count = part[10] & 0xff;
      }
    }
    byte[] whole = parts.stream().reduce(new byte[0], NetDriver::concat);
    byte[] frame = new byte[whole.length - HEADER_BYTES];
    System.arraycopy(whole, HEADER_BYTES, frame, 0, frame.length);
    return frame;
  }

  private void awaitUsed(int count) {
    FakeHost.await("frame received", () -> (used(0) - count & 0xffff) < 0x8000);
  }

  @Override
  public void close() {
    card.close();
  }
}
