package dev.portcullis.devices.pio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.FakeHost;
import dev.portcullis.devices.block.RamBackend;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PioDiskTest {
  private static final long SEED = 20261123;
  private static final int SECTORS = 64;

  private final PioDisk disk =
      new FakeHost(4096).plug(new PioDisk(new RamBackend((long) SECTORS * 512)));

  private void command(long sector, int count, int command) {
    disk.writeBar(0, PioDisk.COUNT, 2, count);
    disk.writeBar(0, PioDisk.SECTOR, 4, sector);
    disk.writeBar(0, PioDisk.SECTOR_HIGH, 4, sector >>> 32);
    disk.writeBar(0, PioDisk.COMMAND, 1, command);
  }

  private int status() {
    return (int) disk.readBar(0, PioDisk.COMMAND, 1);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "64, 1", "63, 2", "0, 65", "-1, 1", "0x4000000000000000, 1", "0, 0xffff"})
  void aCommandThatDoesNotLieOnTheDiskFails(String sector, String count) {
    for (int command : new int[] {PioDisk.READ, PioDisk.WRITE}) {
      command(Long.decode(sector), Integer.decode(count), command);

      assertThat(status()).isEqualTo(PioDisk.IDLE | PioDisk.FAILED);
      disk.writeBar(0, PioDisk.DATA, 2, 1);
      assertThat(disk.readBar(0, PioDisk.DATA, 2)).isZero();
    }
  }

  @Test
  void aSectorIsWrittenOnlyWhenItIsWhole() {
    command(5, 1, PioDisk.WRITE);
    for (int i = 0; i < 255; i++) {
      disk.writeBar(0, PioDisk.DATA, 2, 0xabcd);
    }
    command(5, 1, PioDisk.READ);
    assertThat(disk.readBar(0, PioDisk.DATA, 2)).isZero();

    command(5, 1, PioDisk.WRITE);
    for (int i = 0; i < 256; i++) {
      assertThat(status()).isEqualTo(PioDisk.IDLE | PioDisk.DATA_READY);
      disk.writeBar(0, PioDisk.DATA, 2, 0xabcd);
    }
    assertThat(status()).isEqualTo(PioDisk.IDLE);
    command(5, 1, PioDisk.READ);
    assertThat(disk.readBar(0, PioDisk.DATA, 2)).isEqualTo(0xabcd);
  }

  @Test
  void anyAccessIsAnswered() {
    Random random = new Random(SEED);
    int[] widths = {1, 2, 4, 8};
    int[] commands = {PioDisk.READ, PioDisk.WRITE, PioDisk.FLUSH, 0};
    for (int i = 0; i < 200_000; i++) {
      int width = widths[random.nextInt(4)];
      int offset = random.nextInt(i % 4 == 0 ? 0x1000 : 0x20) & -width;
      if (i % 100 == 0) {
        command(random.nextInt(80), random.nextInt(80), commands[random.nextInt(4)]);
      } else if (random.nextBoolean()) {
        disk.writeBar(0, offset, width, random.nextLong());
      } else {
        disk.readBar(0, offset, width);
      }
    }
    disk.reset();

    assertThat(status()).isEqualTo(PioDisk.IDLE);
    assertThat(disk.readBar(0, PioDisk.CAPACITY, 4)).isEqualTo(SECTORS);
  }
}
