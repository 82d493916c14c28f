package dev.portcullis.devices.net;

import dev.portcullis.devices.FakeHost;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// A driver for [VirtioNet] with rings of 16 entries: the receive queue at 10000h, the send queue
/// at 20000h, and 2 KiB of buffer for each descriptor behind them.
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
  private int sent;

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
    agree(features);
    host.ram().asSlice(ring(0), 0x20000).fill((byte) 0);
    received = 0;
    sent = 0;
    card.writeConfig(card.capabilities().getFirst().at() + 2, 2, 0x8000);
    for (int vector = 0; vector < 3; vector++) {
      write(0x8000 + 16 * vector + 8, 4, vector);
      write(0x8000 + 16 * vector + 12, 4, 0);
    }
    write(0x10, 2, 2);
    for (int queue = 0; queue < 2; queue++) {
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
    int head = offered(1) % SIZE;
    long at = ring(1) + BUFFERS + 2048L * head;
    MemorySegment.copy(headed, 0, host.ram(), at, headed.byteSize());
    descriptor(ring(1) + 16L * head, at, (int) headed.byteSize(), 0);
    offer(1, head);
    int awaited = ++sent;
    FakeHost.await("frame sent", () -> used(1) == (awaited & 0xffff));
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
