package dev.portcullis.devices.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.FakeHost;
import dev.portcullis.devices.block.RamBackend;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The disk, driven through its ring: 16 entries at 10000h; what is asked at 20000h, what is
/// answered at 30000h.
class VirtioBlockTest {
  private static final long SEED = 20261123;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final int SECTORS = 64;
  private static final int SIZE = 16;
  private static final int RING = 0x10000;
  private static final int AVAILABLE = RING + 0x1000;
  private static final int USED = RING + 0x2000;
  private static final int ASKED = 0x20000;
  private static final int ANSWER = 0x30000;
  private static final int NEEDS_RESET = 0x40;
  private static final int NEXT = 1;
  private static final int WRITE = 2;
  private static final int READ_TYPE = 0;
  private static final int WRITE_TYPE = 1;
  private static final int IDENTIFY_TYPE = 8;

  private final FakeHost host = new FakeHost(4 << 20);
  private final VirtioBlock disk =
      host.plug(new VirtioBlock("THE-DISK", new RamBackend((long) SECTORS * 512)));

  @BeforeEach
  void start() {
    write(0x14, 1, 0);
    write(0x14, 1, 3);
    write(0x08, 4, 1);
    write(0x0c, 4, 3);
    write(0x14, 1, 0x0b);
    host.ram().asSlice(RING, 0x10000).fill((byte) 0);
    write(0x16, 2, 0);
    write(0x18, 2, SIZE);
    write(0x20, 4, RING);
    write(0x28, 4, AVAILABLE);
    write(0x30, 4, USED);
    write(0x1c, 2, 1);
    write(0x14, 1, 0x0f);
  }

  @AfterEach
  void close() {
    disk.close();
  }

  private void write(int register, int widthBytes, long value) {
    disk.writeBar(0, register, widthBytes, value);
  }

  private int status() {
    return (int) disk.readBar(0, 0x14, 1);
  }

  private void descriptor(int number, long address, int bytes, int flags, int next) {
    long at = RING + 16L * number;
    host.ram().set(FakeHost.LONG, at, address);
    host.ram().set(FakeHost.INT, at + 8, bytes);
    host.ram().set(SHORT, at + 12, (short) flags);
    host.ram().set(SHORT, at + 14, (short) next);
  }

  private int used() {
    return host.ram().get(SHORT, USED + 2) & 0xffff;
  }

  /// Offers the chain from descriptor 0 on, and waits until the disk has used it or given up.
  private void offer() {
    int index = host.ram().get(SHORT, AVAILABLE + 2) & 0xffff;
    host.ram().set(SHORT, AVAILABLE + 4 + 2 * (index % SIZE), (short) 0);
    host.ram().set(SHORT, AVAILABLE + 2, (short) (index + 1));
    write(0x3000, 2, 0);
    FakeHost.await("answer", () -> used() == (index + 1 & 0xffff) || (status() & NEEDS_RESET) != 0);
  }

  /// @return the status byte
  private int request(int type, long sector, int saidBytes, int answerBytes) {
    host.ram().set(FakeHost.LONG, ASKED, type);
    host.ram().set(FakeHost.LONG, ASKED + 8, sector);
    host.ram().set(ValueLayout.JAVA_BYTE, ANSWER + answerBytes - 1, (byte) 0x55);
    descriptor(0, ASKED, saidBytes, NEXT, 1);
    descriptor(1, ANSWER, answerBytes, WRITE, 0);
    offer();
    return host.ram().get(ValueLayout.JAVA_BYTE, ANSWER + answerBytes - 1);
  }

  @Test
  void theCapacityIsInTheConfiguration() {
    assertThat(disk.readBar(0, 0x2000, 8)).isEqualTo(SECTORS);
    assertThat(disk.readBar(0, 0x2008, 4)).isEqualTo(64 << 10);
    assertThat(disk.readBar(0, 0x200c, 4)).isEqualTo(16);
    assertThat(disk.readBar(0, 0x2014, 4)).isEqualTo(512);
  }

  @Test
  void whatIsWrittenIsReadBack() {
    host.ram().asSlice(ASKED + 16, 1024).fill((byte) 7);
    assertThat(request(WRITE_TYPE, 62, 16 + 1024, 1)).isZero();
    assertThat(request(READ_TYPE, 61, 16, 1537)).isZero();

    assertThat(host.ram().get(ValueLayout.JAVA_BYTE, ANSWER + 511)).isZero();
    assertThat(host.ram().get(ValueLayout.JAVA_BYTE, ANSWER + 512)).isEqualTo((byte) 7);
    assertThat(host.ram().get(ValueLayout.JAVA_BYTE, ANSWER + 1535)).isEqualTo((byte) 7);
  }

  @ParameterizedTest
  @CsvSource({"64, 512", "63, 1024", "-1, 512", "0x7fffffffffffffff, 512", "0, 511", "0, 65536"})
  void whatDoesNotLieOnTheDiskFailsAndTheDiskGoesOn(String sector, int bytes) {
    assertThat(request(READ_TYPE, Long.decode(sector), 16, bytes + 1)).isEqualTo(1);
    assertThat(request(WRITE_TYPE, Long.decode(sector), 16 + bytes, 1)).isEqualTo(1);
    assertThat(request(READ_TYPE, 0, 16, 513)).isZero();
  }

  @Test
  void aTypeThatIsNoneIsUnsupported() {
    assertThat(request(99, 0, 16, 513)).isEqualTo(2);
  }

  @Test
  void theDiskHasAName() {
    assertThat(request(IDENTIFY_TYPE, 0, 16, 21)).isZero();
    byte[] name = host.ram().asSlice(ANSWER, 8).toArray(ValueLayout.JAVA_BYTE);
    assertThat(new String(name, StandardCharsets.US_ASCII)).isEqualTo("THE-DISK");
  }

  @ParameterizedTest
  @CsvSource({"15, 1", "16, 0", "0x7fffffff, 1", "16, 0x7fffffff", "16, -1"})
  void aRequestOfAnImpossibleShapeEndsTheWork(String saidBytes, String answerBytes) {
    descriptor(0, ASKED, Integer.decode(saidBytes), NEXT, 1);
    descriptor(1, ANSWER, Integer.decode(answerBytes), WRITE, 0);
    offer();

    assertThat(status() & NEEDS_RESET).isEqualTo(NEEDS_RESET);
    assertThat(used()).isZero();
  }

  @Test
  void aChainWithoutEndEndsTheWorkAndAResetBeginsAnew() {
    descriptor(0, ASKED, 16, NEXT, 0);
    offer();
    assertThat(status() & NEEDS_RESET).isEqualTo(NEEDS_RESET);

    start();
    assertThat(request(READ_TYPE, 0, 16, 513)).isZero();
  }

  @Test
  void memoryThatCannotBeReachedEndsTheWork() {
    host.breakPage(ASKED);
    request(READ_TYPE, 0, 16, 513);

    assertThat(status() & NEEDS_RESET).isEqualTo(NEEDS_RESET);
  }

  @Test
  void anyRingIsAnswered() {
    Random random = new Random(SEED);
    for (int i = 0; i < 300; i++) {
      start();
      for (int number = 0; number < SIZE; number++) {
        descriptor(
            number,
            random.nextInt(8 << 20),
            random.nextInt(random.nextBoolean() ? 2048 : Integer.MAX_VALUE),
            random.nextInt(8),
            random.nextInt(SIZE + 2));
      }
      offer();
    }
    start();

    assertThat(request(READ_TYPE, 0, 16, 513)).isZero();
  }
}
