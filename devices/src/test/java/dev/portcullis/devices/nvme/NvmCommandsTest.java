package dev.portcullis.devices.nvme;

import static dev.portcullis.devices.FakeHost.INT;
import static dev.portcullis.devices.FakeHost.LONG;
import static dev.portcullis.devices.nvme.NvmeHost.DATA;
import static dev.portcullis.devices.nvme.NvmeHost.LISTS;
import static dev.portcullis.devices.nvme.NvmeHost.PAGE;
import static dev.portcullis.devices.nvme.NvmeHost.RAM_BYTES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.nvme.NvmeHost.Entry;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NvmCommandsTest {
  private static final int FLUSH = 0x00;
  private static final int WRITE = 0x01;
  private static final int READ = 0x02;
  private static final int COMPARE = 0x05;
  private static final int WRITE_ZEROES = 0x08;
  private static final int DATASET_MANAGEMENT = 0x09;
  private static final int VERIFY = 0x0c;

  private static final int BLOCKS = 4096;
  private static final int MOST_BLOCKS = 1024;
  private static final int FORCE_UNIT_ACCESS = 1 << 30;

  private final FlakyBackend disk = new FlakyBackend(BLOCKS * 512);
  private final NvmeHost host =
      new NvmeHost(NvmeOptions.of("TEST-2"), disk).enable().withQueues(1, 0);

  @AfterEach
  void close() {
    host.close();
  }

  private Entry move(int opcode, long first, int count) {
    return host.io(opcode).blocks(first, count).prp1(DATA);
  }

  private MemorySegment fill(long at, int lengthBytes, int seed) {
    MemorySegment data = host.ram().asSlice(at, lengthBytes);
    for (int i = 0; i < lengthBytes; i += 4) {
      data.set(INT, i, i * 0x9e3779b9 + seed);
    }
    return data;
  }

  private void onDisk(long block, MemorySegment expected) {
    MemorySegment found = disk.bytes().asSlice(block * 512, expected.byteSize());
    assertThat(found.mismatch(expected)).isEqualTo(-1);
  }

  @Test
  void whatIsWrittenIsOnTheDiskAndReadAgain() {
    MemorySegment data = fill(DATA, 4096, 1);
    host.expect(0, move(WRITE, 100, 8));
    onDisk(100, data);
    host.expect(0, host.io(READ).blocks(100, 8).prp1(DATA + PAGE));
    assertThat(host.ram().asSlice(DATA + PAGE, 4096).mismatch(data)).isEqualTo(-1);
  }

  @Test
  void aWriteProtectedDiskIsReadAndNotChanged() {
    disk.protect();
    for (int opcode : new int[] {WRITE, WRITE_ZEROES, DATASET_MANAGEMENT}) {
      host.expect(0x20, move(opcode, 0, 1));
    }
    host.expect(0, move(READ, 0, 8));
    host.expect(0, host.io(FLUSH));
    assertThat(disk.flushes()).isZero();
  }

  @Test
  void dataMayStartAnywhereInTheFirstPage() {
    MemorySegment data = fill(DATA + 0xffc, 4096, 2);
    host.expect(0, move(WRITE, 0, 8).prp1(DATA + 0xffc).prp2(DATA + PAGE));
    onDisk(0, data);
  }

  @Test
  void threePagesAndMoreTakeAList() {
    long[] pages = {DATA + 3 * PAGE, DATA, DATA + 8 * PAGE};
    for (int i = 0; i < pages.length; i++) {
      fill(pages[i], PAGE, i);
      host.ram().set(LONG, LISTS + 0xff0 + 8L * i - 8, pages[i]);
    }
    host.expect(0, move(WRITE, 8, 24).prp1(pages[0]).prp2(LISTS + 0xff0));
    for (int i = 0; i < pages.length; i++) {
      onDisk(8 + 8 * i, host.ram().asSlice(pages[i], PAGE));
    }
  }

  /// The list starts in the next-to-last place of its page: one data page, then the pointer on.
  @Test
  void listsGoOnInAnotherPage() {
    host.ram().set(LONG, LISTS + 0xff0, DATA + 9 * PAGE);
    host.ram().set(LONG, LISTS + 0xff8, LISTS + 4 * PAGE);
    host.ram().set(LONG, LISTS + 4 * PAGE, DATA + 7 * PAGE);
    host.ram().set(LONG, LISTS + 4 * PAGE + 8, DATA + 5 * PAGE);
    long[] pages = {DATA, DATA + 9 * PAGE, DATA + 7 * PAGE, DATA + 5 * PAGE};
    for (int i = 0; i < pages.length; i++) {
      fill(pages[i], PAGE, i);
    }
    host.expect(0, move(WRITE, 0, 32).prp2(LISTS + 0xff0));
    for (int i = 0; i < pages.length; i++) {
      onDisk(8 * i, host.ram().asSlice(pages[i], PAGE));
    }
  }

  @Test
  void theLastPlaceOfAListIsDataIfItIsTheLastPage() {
    host.ram().set(LONG, LISTS + 0xff0, DATA + 9 * PAGE);
    host.ram().set(LONG, LISTS + 0xff8, DATA + 7 * PAGE);
    MemorySegment last = fill(DATA + 7 * PAGE, PAGE, 3);
    host.expect(0, move(WRITE, 0, 24).prp2(LISTS + 0xff0));
    onDisk(16, last);
  }

  @Test
  void aListThatPointsToItselfEndsWithTheData() {
    for (int i = 0; i < 512; i++) {
      host.ram().set(LONG, LISTS + 8L * i, LISTS);
    }
    host.expect(0, move(READ, 0, MOST_BLOCKS).prp2(LISTS + 0xff8));
  }

  @Test
  void badOffsetsInPageEntriesAreRefused() {
    host.expect(0x13, move(WRITE, 0, 1).prp1(DATA + 2));
    host.expect(0x13, move(WRITE, 0, 16).prp2(DATA + 4));
    host.expect(0x13, move(WRITE, 0, 24).prp2(LISTS + 4));
    host.ram().set(LONG, LISTS, DATA + PAGE);
    host.ram().set(LONG, LISTS + 8, DATA + 512);
    host.expect(0x13, move(WRITE, 0, 24).prp2(LISTS));
    host.ram().set(LONG, LISTS + 0xff8, LISTS + 8);
    host.expect(0x13, move(WRITE, 0, 24).prp2(LISTS + 0xff8));
  }

  @Test
  void blockedDataIsADataTransferError() {
    host.expect(0x04, move(WRITE, 0, 8).prp1(RAM_BYTES));
    host.expect(0x04, move(READ, 0, 8).prp1(RAM_BYTES));
    host.expect(0x04, move(COMPARE, 0, 8).prp1(RAM_BYTES));
    host.expect(0x04, move(READ, 0, 16).prp2(1L << 62));
    host.expect(0x04, move(READ, 0, 24).prp2(RAM_BYTES));
    host.machine.breakPage(DATA + PAGE);
    host.expect(0x04, move(READ, 0, 16).prp2(DATA + PAGE));
    assertThat(host.controller.readConfig(6, 2) & 0x3000).isEqualTo(0x3000);
    assertThat(host.status()).isEqualTo(Registers.READY);
  }

  @Test
  void aWriteWhoseDataIsBlockedLeavesTheDiskAlone() {
    fill(DATA, PAGE, 9);
    host.expect(0x04, move(WRITE, 0, 16).prp2(RAM_BYTES));
    assertThat(disk.bytes().get(INT, 4)).isZero();
  }

  @Test
  void blocksBeyondTheEndAreOutOfRange() {
    for (int opcode : new int[] {READ, WRITE, COMPARE, WRITE_ZEROES, VERIFY}) {
      host.expect(0x80, move(opcode, BLOCKS, 1));
      host.expect(0x80, move(opcode, BLOCKS - 1, 2));
      host.expect(0x80, move(opcode, -1, 1));
      host.expect(0x80, move(opcode, -1, 2));
      host.expect(0x80, move(opcode, Long.MAX_VALUE, 8));
    }
    host.expect(0, move(READ, BLOCKS - 1, 1));
  }

  @Test
  void otherNamespacesAreInvalid() {
    for (int opcode : new int[] {FLUSH, READ, WRITE, COMPARE, WRITE_ZEROES, VERIFY, 9}) {
      host.expect(0x0b, move(opcode, 0, 1).dword(1, 2));
      host.expect(0x0b, move(opcode, 0, 1).dword(1, 0));
    }
    host.expect(0x0b, move(READ, 0, 1).dword(1, -1));
    host.expect(0, move(FLUSH, 0, 1).dword(1, -1));
  }

  @Test
  void transfersBeyondTheLimitAndExoticOnesAreInvalid() {
    host.expect(0x02, move(READ, 0, MOST_BLOCKS + 1));
    host.expect(0x02, move(READ, 0, 1).orDword0(1 << 8));
    host.expect(0x02, move(READ, 0, 1).orDword0(1 << 14));
    host.expect(0x02, move(FLUSH, 0, 1).orDword0(1 << 14));
    host.expect(0x02, move(DATASET_MANAGEMENT, 0, 1).orDword0(1 << 15));
    host.expect(0x01, move(0x7f, 0, 1));
  }

  @Test
  void theLargestTransferWorks() {
    for (int i = 0; i < 127; i++) {
      host.ram().set(LONG, LISTS + 8L * i, DATA + PAGE + (long) PAGE * i);
    }
    MemorySegment data = fill(DATA, MOST_BLOCKS * 512, 5);
    host.expect(0, move(WRITE, 1000, MOST_BLOCKS).prp2(LISTS));
    onDisk(1000, data);
  }

  @Test
  void compareTellsEqualFromDifferent() {
    fill(DATA, 1024, 6);
    host.expect(0, move(WRITE, 5, 2));
    host.expect(0, move(COMPARE, 5, 2));
    host.ram().set(ValueLayout.JAVA_BYTE, DATA + 1023, (byte) 0x77);
    host.expect(0x285, move(COMPARE, 5, 2));
  }

  @Test
  void zeroesAreWrittenWithoutData() {
    fill(DATA, 4096, 7);
    host.expect(0, move(WRITE, 0, 8));
    host.expect(0, host.io(WRITE_ZEROES).blocks(2, 3));
    assertThat(disk.bytes().get(INT, 1020)).isNotZero();
    assertThat(disk.bytes().asSlice(1024, 1536).toArray(ValueLayout.JAVA_BYTE))
        .containsOnly((byte) 0);
    assertThat(disk.bytes().get(INT, 2564)).isNotZero();
    host.expect(0, host.io(WRITE_ZEROES).blocks(5, 3).dword(12, 2 | 1 << 25));
    assertThat(disk.bytes().get(INT, 2564)).isZero();
    host.expect(0, host.io(WRITE_ZEROES).blocks(0, BLOCKS));
  }

  @Test
  void verifyReadsEverything() {
    host.expect(0, host.io(VERIFY).blocks(0, BLOCKS));
    disk.fail();
    host.expect(0x281, host.io(VERIFY).blocks(0, 1));
  }

  @Test
  void rangesAreDeallocatedAllOrNone() {
    fill(DATA, 4096, 8);
    host.expect(0, move(WRITE, 0, 8));
    range(0, 1, 1);
    range(1, BLOCKS, 1);
    host.expect(0x80, ranges(2, 4));
    assertThat(disk.bytes().get(INT, 516)).isNotZero();
    range(1, 3, 2);
    host.expect(0, ranges(2, 0));
    assertThat(disk.bytes().get(INT, 516)).isNotZero();
    host.expect(0, ranges(2, 4));
    assertThat(disk.bytes().get(INT, 516)).isZero();
    assertThat(disk.bytes().get(INT, 1028)).isNotZero();
    assertThat(disk.bytes().get(INT, 1540)).isZero();
  }

  private void range(int index, long first, int count) {
    host.ram().set(INT, DATA + 0x8000 + 16L * index + 4, count);
    host.ram().set(LONG, DATA + 0x8000 + 16L * index + 8, first);
  }

  private Entry ranges(int count, int attributes) {
    return host.io(DATASET_MANAGEMENT)
        .dword(10, count - 1)
        .dword(11, attributes)
        .prp1(DATA + 0x8000);
  }

  @Test
  void writesBecomeSafeWithAFlushOrAtOnceIfForced() {
    host.expect(0, move(WRITE, 0, 1));
    assertThat(disk.flushes()).isZero();
    host.expect(0, host.io(FLUSH));
    assertThat(disk.flushes()).isEqualTo(1);
    host.expect(0, move(WRITE, 0, 1).dword(12, FORCE_UNIT_ACCESS));
    assertThat(disk.flushes()).isEqualTo(2);
    host.expect(0, host.io(WRITE_ZEROES).dword(12, FORCE_UNIT_ACCESS));
    assertThat(disk.flushes()).isEqualTo(3);
    host.expect(0, move(READ, 0, 1).dword(12, FORCE_UNIT_ACCESS));
    assertThat(disk.flushes()).isEqualTo(4);
  }

  @Test
  void withoutTheWriteCacheEveryWriteIsSafeAtOnce() {
    host.expect(0, host.admin(0x09, 0).dword(10, 6).dword(11, 0));
    assertThat(disk.flushes()).isEqualTo(1);
    assertThat(host.expect(0, host.admin(0x0a, 0).dword(10, 6)).dword0()).isZero();
    host.expect(0, move(WRITE, 0, 1));
    assertThat(disk.flushes()).isEqualTo(2);
    host.expect(0, host.admin(0x09, 0).dword(10, 6).dword(11, 1));
    host.expect(0, move(WRITE, 0, 1));
    assertThat(disk.flushes()).isEqualTo(2);
  }

  @Test
  void failuresOfTheBackingAreMediaErrors() {
    disk.fail();
    host.expect(0x281, move(READ, 0, 1));
    host.expect(0x281, move(COMPARE, 0, 1));
    host.expect(0x280, move(WRITE, 0, 1));
    host.expect(0x280, host.io(FLUSH));
    host.expect(0x280, host.io(WRITE_ZEROES));
    host.expect(0x280, move(READ, 0, 1).dword(12, FORCE_UNIT_ACCESS));
    host.expect(0, host.admin(0x02, -1).dword(10, 2 | 127 << 16).prp1(DATA));
    assertThat(host.ram().get(LONG, DATA + 160)).isEqualTo(6);
  }

  @Test
  void blocksMayHave4096Bytes() {
    try (NvmeHost large =
        new NvmeHost(NvmeOptions.of("TEST-4K").withBlockBytes(4096), new FlakyBackend(1 << 20))
            .enable()
            .withQueues(1, 0)) {
      large.expect(0, large.admin(0x06, 1).prp1(DATA));
      assertThat(large.ram().get(INT, DATA + 128)).isEqualTo(12 << 16);
      large.expect(0, large.io(READ).blocks(255, 1).prp1(DATA));
      large.expect(0x80, large.io(READ).blocks(256, 1).prp1(DATA));
    }
  }

  @Test
  void pagesOf64KiBMayBeUsed() {
    host.disable();
    host.enable(NvmeHost.ENABLE_4K | 4 << 7, 0x1_0000, 0x2_0000);
    host.withQueues(1, 0, 0x4_0000);
    MemorySegment data = fill(DATA + 0x100, 0x1_0000, 11);
    host.expect(0, host.io(WRITE).blocks(0, 128).prp1(DATA + 0x100).prp2(DATA + 0x1_0000));
    onDisk(0, data);
    host.expect(0x13, host.io(WRITE).blocks(0, 128).prp1(DATA + 0x100).prp2(DATA + 0x1_1000));
  }
}
