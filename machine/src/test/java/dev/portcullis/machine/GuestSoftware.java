package dev.portcullis.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.pci.RequesterId;
import dev.portcullis.vfiouser.client.GuestMemory;
import dev.portcullis.vfiouser.client.VfioUserClient;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// A virtual machine reduced to what a test needs: memory, tables in it, and just enough of a
/// driver for the unit and for the disk of the standard machine.
final class GuestSoftware implements AutoCloseable {
  /// The physical memory behind the eight pages that [#translate] maps.
  static final long BACKING = 0x10_0000;

  private static final long MEMORY_BYTES = 16 << 20;
  private static final int PAGES = 8;
  private static final long LIMIT_NANOS = 10_000_000_000L;

  private static final long ROOT = 0x1000;
  private static final long CONTEXT = 0x2000;
  private static final long LEVEL_4 = 0x3000;
  private static final long LEVEL_3 = 0x4000;
  private static final long LEVEL_2 = 0x5000;
  private static final long LEVEL_1 = 0x6000;
  private static final long READ_WRITE = 3;

  private final GuestMemory memory;
  private final VfioUserClient unit;
  private final VfioUserClient disk;

  GuestSoftware(Platform platform) throws Exception {
    memory = new GuestMemory(0, MEMORY_BYTES);
    unit = connect(platform.units().getFirst().station());
    disk = connect(platform.devices().getFirst());
  }

  private VfioUserClient connect(Station station) throws Exception {
    VfioUserClient client = VfioUserClient.connect(station.socket(), memory);
    client.map(memory.range(), memory.file());
    client.reset();
    client.writeNumber(VfioUserClient.CONFIG, 4, 2, 6);
    return client;
  }

  GuestMemory diskMemory() {
    return memory;
  }

  void placeRegisters(long base) throws Exception {
    unit.writeNumber(VfioUserClient.CONFIG, 4, 2, 0);
    unit.writeNumber(VfioUserClient.CONFIG, 0x10, 4, 0xffff_ffffL);
    unit.writeNumber(VfioUserClient.CONFIG, 0x10, 4, base);
    unit.writeNumber(VfioUserClient.CONFIG, 4, 2, 2);
  }

  /// Maps eight pages at `iova`, a multiple of 1 GiB, for `requester`, and turns translation on.
  void translate(RequesterId requester, long iova) throws Exception {
    put(ROOT + 16L * requester.bus(), CONTEXT | 1);
    long context = CONTEXT + 16L * (requester.id() & 0xff);
    put(context, LEVEL_4 | 1);
    put(context + 8, 5 << 8 | 2);
    put(LEVEL_4, LEVEL_3 | READ_WRITE);
    put(LEVEL_3 + 8 * (iova >>> 30), LEVEL_2 | READ_WRITE);
    put(LEVEL_2, LEVEL_1 | READ_WRITE);
    for (int page = 0; page < PAGES; page++) {
      put(LEVEL_1 + 8 * page, BACKING + 4096L * page | READ_WRITE);
    }
    unit.writeNumber(0, 0x20, 8, ROOT);
    unit.writeNumber(0, 0x18, 4, 1L << 30);
    await("root table set", () -> (unit.readNumber(0, 0x1c, 4) & 1L << 30) != 0);
    unit.writeNumber(0, 0x18, 4, 1L << 31);
    await("translation on", () -> (unit.readNumber(0, 0x1c, 4) & 1L << 31) != 0);
  }

  /// The unit's fault status register.
  long faultStatus() throws Exception {
    return unit.readNumber(0, 0x34, 4);
  }

  /// Enables the disk's MSI capability with one message.
  void enableMessages(long address, int data) throws Exception {
    long at = disk.readNumber(VfioUserClient.CONFIG, 0x34, 1);
    while (disk.readNumber(VfioUserClient.CONFIG, at, 1) != 5) {
      at = disk.readNumber(VfioUserClient.CONFIG, at + 1, 1);
      assertThat(at).as("MSI capability").isNotZero();
    }
    disk.writeNumber(VfioUserClient.CONFIG, at + 4, 8, address);
    disk.writeNumber(VfioUserClient.CONFIG, at + 12, 2, data);
    disk.writeNumber(VfioUserClient.CONFIG, at + 2, 2, 1);
  }

  /// Enables the disk's controller with admin queues in the first two mapped pages.
  void startDisk(long iova) throws Exception {
    disk.writeNumber(0, 0x24, 4, 15 << 16 | 15);
    disk.writeNumber(0, 0x28, 8, iova);
    disk.writeNumber(0, 0x30, 8, iova + 0x1000);
    disk.writeNumber(0, 0x14, 4, 0x46_0001);
    await("controller ready", () -> (disk.readNumber(0, 0x1c, 4) & 1) != 0);
  }

  /// Lets the disk identify itself into the page at `iova`.
  ///
  /// @return the status of the command
  int identify(long iova) throws Exception {
    put(BACKING, 1 << 16 | 6);
    put(BACKING + 24, iova);
    put(BACKING + 40, 1);
    disk.writeNumber(0, 0x1000, 4, 1);
    await("completion", () -> (word(BACKING + 0x1008) >>> 48 & 1) != 0);
    return (int) (word(BACKING + 0x1008) >>> 49);
  }

  String textAt(long gpa, int lengthBytes) {
    byte[] bytes = memory.bytes().asSlice(gpa, lengthBytes).toArray(ValueLayout.JAVA_BYTE);
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  private long word(long gpa) {
    return (long) ValueLayout.JAVA_LONG.varHandle().getAcquire(memory.bytes(), gpa);
  }

  private void put(long gpa, long value) {
    MemorySegment bytes = memory.bytes();
    ValueLayout.JAVA_LONG.varHandle().setRelease(bytes, gpa, value);
  }

  /// Something that comes true by itself.
  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(String what, Condition condition) throws Exception {
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("waiting for: " + what).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @Override
  public void close() {
    unit.close();
    disk.close();
    memory.close();
  }
}
