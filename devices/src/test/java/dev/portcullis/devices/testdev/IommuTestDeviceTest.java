package dev.portcullis.devices.testdev;

import static dev.portcullis.devices.testdev.IommuTestDevice.ATTRIBUTES;
import static dev.portcullis.devices.testdev.IommuTestDevice.DMA_HIGH;
import static dev.portcullis.devices.testdev.IommuTestDevice.DMA_LOW;
import static dev.portcullis.devices.testdev.IommuTestDevice.DOORBELL;
import static dev.portcullis.devices.testdev.IommuTestDevice.LENGTH;
import static dev.portcullis.devices.testdev.IommuTestDevice.PHYSICAL_HIGH;
import static dev.portcullis.devices.testdev.IommuTestDevice.PHYSICAL_LOW;
import static dev.portcullis.devices.testdev.IommuTestDevice.RESULT;
import static dev.portcullis.devices.testdev.IommuTestDevice.TRIGGER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.FakeHost;
import dev.portcullis.pci.ConfigRegisters;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IommuTestDeviceTest {
  private static final int RAM_BYTES = 1 << 20;
  private static final long GOOD = 0;
  private static final long IDLE = 0xffff_ffffL;
  private static final long ARMED = 0xffff_fffeL;
  private static final long NO_LENGTH = 0xdead_0001L;
  private static final long WRITE_REFUSED = 0xdead_0002L;
  private static final long READ_REFUSED = 0xdead_0003L;
  private static final long MISMATCH = 0xdead_0004L;
  private static final long NOT_ARMED = 0xdead_0005L;
  private static final long BAD_ATTRIBUTES = 0xdead_0006L;

  private final FakeHost host = new FakeHost(RAM_BYTES);
  private final IommuTestDevice device =
      host.plug(
          new IommuTestDevice((hpa, to, toOffset, length) -> {
            boolean there = hpa >= 0 && hpa <= RAM_BYTES - length;
            if (there) {
              MemorySegment.copy(host.ram(), hpa, to, toOffset, length);
            }
            return there;
          }));

  private long read(int register) {
    return device.readBar(0, register, 4);
  }

  private void write(int register, long value) {
    device.writeBar(0, register, 4, value);
  }

  private void prepare(long address, long physical, long length) {
    write(DMA_LOW, address);
    write(DMA_HIGH, address >>> 32);
    write(PHYSICAL_LOW, physical);
    write(PHYSICAL_HIGH, physical >>> 32);
    write(LENGTH, length);
    write(DOORBELL, 1);
  }

  private long run(long address, long physical, long length) {
    prepare(address, physical, length);
    assertThat(read(TRIGGER)).isZero();
    return read(RESULT);
  }

  private byte ram(long at) {
    return host.ram().get(ValueLayout.JAVA_BYTE, at);
  }

  @Test
  void itIsTheDeviceThatQemuHas() {
    assertThat(device.readConfig(0, 4)).isEqualTo(0x0005_1b36);
    assertThat(device.readConfig(ConfigRegisters.CLASS_CODE, 3)).isEqualTo(0x00ff00);
    assertThat(device.bars().getFirst().sizeBytes()).isEqualTo(4096);
    assertThat(read(RESULT)).isEqualTo(IDLE);
    assertThat(read(ATTRIBUTES)).isEqualTo(2);
  }

  @Test
  void aDmaWritesThePattern_littleEndian_andFindsIt() {
    assertThat(run(0x2001, 0x2001, 6)).isEqualTo(GOOD);

    assertThat(new byte[] {ram(0x2001), ram(0x2002), ram(0x2003), ram(0x2004), ram(0x2005)})
        .containsExactly(0x78, 0x56, 0x34, 0x12, 0x78);
    assertThat(ram(0x2006)).isEqualTo((byte) 0x56);
    assertThat(ram(0x2007)).isZero();
  }

  @Test
  void aDmaOverManyPagesKeepsItsPatternInStep() {
    assertThat(run(0x2ffd, 0x2ffd, 0x3003)).isEqualTo(GOOD);
    assertThat(ram(0x3000)).isEqualTo((byte) 0x12);
    assertThat(ram(0x3001)).isEqualTo((byte) 0x78);
  }

  @Test
  void aDmaIsRunOnce_whenItIsArmed() {
    assertThat(read(TRIGGER)).isZero();
    assertThat(read(RESULT)).isEqualTo(NOT_ARMED);
    prepare(0x1000, 0x1000, 4);
    assertThat(read(RESULT)).isEqualTo(ARMED);
    read(TRIGGER);
    read(TRIGGER);
    assertThat(read(RESULT)).isEqualTo(NOT_ARMED);
    prepare(0x5000, 0x5000, 4);
    write(DOORBELL, 2);
    assertThat(read(RESULT)).isEqualTo(IDLE);
    read(TRIGGER);
    assertThat(ram(0x5000)).isZero();
  }

  @Test
  void eachFailureHasItsResult() {
    assertThat(run(0x1000, 0x1000, 0)).isEqualTo(NO_LENGTH);
    assertThat(run(RAM_BYTES, 0x1000, 4)).isEqualTo(WRITE_REFUSED);
    assertThat(run(-4096, 0x1000, 4)).isEqualTo(WRITE_REFUSED);
    assertThat(run(0x1000, RAM_BYTES, 4)).isEqualTo(READ_REFUSED);
    assertThat(run(0x1000, 0x8000, 4)).isEqualTo(MISMATCH);
    assertThat(run(0x1000, 0x1000, 4)).isEqualTo(GOOD);
  }

  @Test
  void pagesAfterARefusedOneAreWrittenAllTheSame() {
    host.breakPage(0x3000);

    assertThat(run(0x2000, 0x2000, 0x3000)).isEqualTo(WRITE_REFUSED);

    assertThat(ram(0x2000)).isEqualTo((byte) 0x78);
    assertThat(ram(0x3000)).isZero();
    assertThat(ram(0x4000)).isEqualTo((byte) 0x78);
  }

  @ParameterizedTest
  @CsvSource({"0x0, 0", "0x1, 0", "0x8, 1", "0x9, 0", "0xa, 0", "0xb, 1", "0xc, 0", "0xf, 0"})
  void contradictoryAttributesAreRefused(String attributes, int refused) {
    write(ATTRIBUTES, Integer.decode(attributes));
    assertThat(run(0x1000, 0x1000, 4)).isEqualTo(refused == 1 ? BAD_ATTRIBUTES : GOOD);
  }

  @Test
  void itNeedsNoBusMastering() {
    device.writeConfig(ConfigRegisters.COMMAND, 2, ConfigRegisters.MEMORY_SPACE_ENABLE);
    assertThat(run(0x1000, 0x1000, 4)).isEqualTo(GOOD);
  }

  @Test
  void onlyAlignedAccessesOfFourBytesCount_eightAreTwo() {
    device.writeBar(0, DMA_LOW, 8, 0x1122_3344_5566_7788L);
    assertThat(read(DMA_LOW)).isEqualTo(0x5566_7788L);
    assertThat(device.readBar(0, DMA_LOW, 8)).isEqualTo(0x1122_3344_5566_7788L);
    device.writeBar(0, DMA_LOW, 2, 0);
    device.writeBar(0, DMA_LOW + 1, 4, 0);
    assertThat(device.readBar(0, DMA_LOW, 2)).isZero();
    assertThat(device.readBar(0, DMA_LOW + 2, 4)).isZero();
    assertThat(read(DMA_LOW)).isEqualTo(0x5566_7788L);
    assertThat(read(0x24)).isZero();
    assertThat(read(0xffc)).isZero();
  }

  @Test
  void aResetForgetsEverything() {
    prepare(0x1_0000_1000L, 0x1_0000_2000L, 16);
    device.reset();
    for (int register : new int[] {DMA_LOW, DMA_HIGH, LENGTH, PHYSICAL_LOW, PHYSICAL_HIGH}) {
      assertThat(read(register)).isZero();
    }
    assertThat(read(RESULT)).isEqualTo(IDLE);
    read(TRIGGER);
    assertThat(read(RESULT)).isEqualTo(NOT_ARMED);
  }
}
