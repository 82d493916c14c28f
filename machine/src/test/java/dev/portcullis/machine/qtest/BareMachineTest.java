package dev.portcullis.machine.qtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.qtest.server.InterruptInputs;
import dev.portcullis.qtest.server.InterruptInputs.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BareMachineTest {
  private static final int TESTDEV = 1 << 11;
  private static final int EDU = 2 << 11;
  private static final long TESTDEV_AT = 0xfe00_0000L;
  private static final long EDU_AT = 0xfe10_0000L;
  private static final long MEMORY_END = 512L << 20;

  private BareMachine machine;

  @BeforeEach
  void open() throws Exception {
    machine = BareMachine.of(MachineFile.qtest(), Path.of(""));
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private void select(int function, int register) {
    machine.out(0xcf8, 4, 0x8000_0000L | function | register & 0xfc);
  }

  private long config(int function, int register, int width) {
    select(function, register);
    return machine.in(0xcfc + (register & 3), width);
  }

  private void config(int function, int register, int width, long value) {
    select(function, register);
    machine.out(0xcfc + (register & 3), width, value);
  }

  private void placeDevices() {
    config(TESTDEV, 0x10, 4, TESTDEV_AT);
    config(TESTDEV, 4, 2, 6);
    config(EDU, 0x10, 4, EDU_AT);
    config(EDU, 4, 2, 6);
  }

  private List<String> watch(String path) {
    List<String> changes = new ArrayList<>();
    InterruptInputs inputs = machine.inputs(path).orElseThrow();
    inputs.watch((input, level) -> changes.add(level + " " + input));
    return changes;
  }

  @Test
  void configurationSpaceIsReachedByTwoPorts() {
    assertThat(config(0, 0, 4)).isEqualTo(0x29c0_8086L);
    assertThat(config(TESTDEV, 0, 4)).isEqualTo(0x0005_1b36L);
    assertThat(config(EDU, 2, 2)).isEqualTo(0x11e8);
    assertThat(config(EDU, 1, 1)).isEqualTo(0x12);
    assertThat(machine.in(0xcf8, 4)).isEqualTo(0x8000_1000L);
    assertThat(machine.in(0xcfa, 2)).isEqualTo(0x8000L);
    assertThat(config(3 << 11, 0, 4)).as("no function").isEqualTo(0xffff_ffffL);
    assertThat(config(1 << 16, 0, 1)).as("no bus").isEqualTo(0xff);
    machine.out(0xcf8, 1, 0);
    assertThat(machine.in(0xcf8, 4)).as("address takes whole words").isEqualTo(0x8001_0000L);
    machine.out(0xcf8, 4, EDU);
    assertThat(machine.in(0xcfc, 4)).as("not enabled").isEqualTo(0xffff_ffffL);
  }

  @Test
  void windowsSayTheirSizeAndOpenWhereTheyArePlaced() {
    config(EDU, 0x10, 4, 0xffff_ffffL);
    assertThat(config(EDU, 0x10, 4)).isEqualTo(0xfff0_0000L);
    placeDevices();
    assertThat(machine.read(EDU_AT, 4)).isEqualTo(0x0100_00edL);
    config(EDU, 0x10, 4, EDU_AT + (1 << 20));
    assertThat(machine.read(EDU_AT, 4)).isZero();
    assertThat(machine.read(EDU_AT + (1 << 20), 4)).isEqualTo(0x0100_00edL);
    config(EDU, 4, 2, 0);
    assertThat(machine.read(EDU_AT + (1 << 20), 4)).isZero();
  }

  @Test
  void configurationSpaceIsMemoryWhereTheHostBridgeIsToldTo() {
    assertThat(config(0, 0x60, 4)).isEqualTo(0xb000_0000L);
    assertThat(machine.read(0xb000_8000L, 4)).as("off").isZero();
    config(0, 0x60, 4, 0xb000_0001L);
    assertThat(machine.read(0xb000_8000L, 8)).isEqualTo(0x0005_1b36L);
    assertThat(machine.read(0xb001_8000L, 4)).isEqualTo(0xffff_ffffL);
    machine.write(0xb001_0010L, 4, EDU_AT);
    machine.write(0xb001_0004L, 2, 6);
    assertThat(machine.read(EDU_AT, 4)).isEqualTo(0x0100_00edL);
    config(0, 0x60, 4, 0xc000_0005L);
    assertThat(machine.read(0xb000_8000L, 4)).isZero();
    assertThat(machine.read(0xc000_8000L, 4)).isEqualTo(0x0005_1b36L);
    assertThat(machine.read(0xc3ff_fffcL, 4)).isEqualTo(0xffff_ffffL);
    assertThat(machine.read(0xc400_0000L, 4)).as("64 MiB").isZero();
  }

  @Test
  void theUnitsRegistersAreWhereQemuHasThem() {
    assertThat(machine.read(BareMachine.UNIT_BASE, 4)).isEqualTo(0x10);
    machine.write(BareMachine.UNIT_BASE + 0x20, 8, 0x1234_5000L);
    byte[] bytes = new byte[8];
    machine.read(BareMachine.UNIT_BASE + 0x20, bytes);
    assertThat(bytes).containsExactly(0, 0x50, 0x34, 0x12, 0, 0, 0, 0);
    machine.write(BareMachine.UNIT_BASE + 0x20, new byte[] {0, 0x60, 0, 0, 0, 0, 0, 0});
    assertThat(machine.read(BareMachine.UNIT_BASE + 0x20, 8)).isEqualTo(0x6000);
  }

  @Test
  void nobodyReadsAsZeroesInMemoryAndOnesAtPorts() {
    for (long at : new long[] {0xa_0000L, MEMORY_END, 0xd000_0000L, 1L << 52, -8}) {
      machine.write(at, 8, -1);
      assertThat(machine.read(at, 8)).isZero();
    }
    assertThat(machine.in(0x1234, 1)).isEqualTo(0xff);
    assertThat(machine.in(0xcf7, 2)).isEqualTo(0xffff);
    assertThat(machine.in(0xcfe, 4)).isEqualTo(0xffff_ffffL);
    machine.out(0x80, 4, 1);
  }

  @Test
  void rangesOfBytesPassOverMemoryAndHoles() {
    byte[] bytes = new byte[0x3000];
    Arrays.fill(bytes, (byte) 7);
    machine.write(MEMORY_END - 0x1800, bytes);
    byte[] found = new byte[0x3000];
    machine.read(MEMORY_END - 0x1800, found);
    assertThat(found[0x17ff]).isEqualTo((byte) 7);
    assertThat(found[0x1800]).isZero();
    machine.fill(0x9_f800L, 0x6_1000, (byte) 9);
    assertThat(machine.read(0x9_fff8L, 8)).isEqualTo(0x0909_0909_0909_0909L);
    assertThat(machine.read(0xa_0000L, 8)).isZero();
    assertThat(machine.read(0x10_07f8L, 8)).isEqualTo(0x0909_0909_0909_0909L);
    assertThat(machine.read(0x10_0800L, 1)).isZero();
  }

  @Test
  void theTestDeviceMakesItsDma() {
    placeDevices();
    machine.write(TESTDEV_AT + 0x04, 4, 0x20_0000);
    machine.write(TESTDEV_AT + 0x0c, 4, 4);
    machine.write(TESTDEV_AT + 0x1c, 4, 0x20_0000);
    machine.write(TESTDEV_AT + 0x14, 4, 1);
    assertThat(machine.read(TESTDEV_AT, 4)).isZero();
    assertThat(machine.read(TESTDEV_AT + 0x10, 4)).isZero();
    assertThat(machine.read(0x20_0000, 4)).isEqualTo(0x1234_5678L);
  }

  private void edu(long source, long destination, int command) {
    machine.write(EDU_AT + 0x80, 8, source);
    machine.write(EDU_AT + 0x88, 8, destination);
    machine.write(EDU_AT + 0x90, 8, 8);
    machine.write(EDU_AT + 0x98, 8, command);
  }

  @Test
  void edusDmaWaitsForTheClock_andReaches28Bits() {
    placeDevices();
    machine.write(0x20_0000, 8, 0x1122_3344_5566_7788L);
    edu(0x20_0000, 0x4_0000, 1);
    assertThat(machine.time().nextDeadlineNanos()).hasValue(100_000_000);
    machine.time().advanceTo(99_999_999);
    assertThat(machine.read(EDU_AT + 0x98, 8)).isEqualTo(1);
    machine.time().advanceTo(100_000_000);
    assertThat(machine.read(EDU_AT + 0x98, 8)).isZero();
    edu(0x4_0000, 0xf030_0000L, 3);
    machine.time().advanceTo(300_000_000);
    assertThat(machine.read(0x30_0000, 8)).isEqualTo(0x1122_3344_5566_7788L);
    assertThat(machine.time().nowNanos()).isEqualTo(300_000_000);
    assertThat(machine.time().nextDeadlineNanos()).isEmpty();
  }

  @Test
  void aPinLeadsToTheInputThatQ35HasForIt() {
    placeDevices();
    List<String> changes = watch("ioapic");
    machine.write(EDU_AT + 0x60, 4, 1);
    machine.write(EDU_AT + 0x60, 4, 2);
    machine.write(EDU_AT + 0x64, 4, 3);
    assertThat(changes).containsExactly(Level.HIGH + " 22", Level.LOW + " 22");
  }

  @Test
  void aMessageRaisesAndLowersItsVector_oneIntoMemoryIsAWrite() {
    placeDevices();
    List<String> changes = watch("msi");
    int msi = (int) config(EDU, 0x34, 1);
    config(EDU, msi + 4, 4, 0xfee0_0000L);
    config(EDU, msi + 12, 2, 0x41);
    config(EDU, msi + 2, 2, 1);
    machine.write(EDU_AT + 0x60, 4, 1);
    machine.write(0xfee0_0000L, 4, 0x55);
    assertThat(changes)
        .containsExactly(
            Level.HIGH + " 65", Level.LOW + " 65", Level.HIGH + " 85", Level.LOW + " 85");
    config(EDU, msi + 4, 4, 0x40_0000);
    machine.write(EDU_AT + 0x60, 4, 1);
    assertThat(machine.read(0x40_0000, 4)).isEqualTo(0x41);
  }

  @Test
  void moreMemoryThanFitsBelowTheWindowsGoesOnAbove4GiB() throws Exception {
    MachineDescription large = MachineFile.qtest().withMemory(3L << 30);
    try (BareMachine big = BareMachine.of(large, Path.of(""))) {
      big.write(0x7fff_fff8L, 8, 1);
      big.write(0x8000_0000L, 8, 2);
      big.write(0x1_3fff_fff8L, 8, 3);
      big.write(0x1_4000_0000L, 8, 4);
      assertThat(big.read(0x7fff_fff8L, 8)).isEqualTo(1);
      assertThat(big.read(0x8000_0000L, 8)).isZero();
      assertThat(big.read(0x1_3fff_fff8L, 8)).isEqualTo(3);
      assertThat(big.read(0x1_4000_0000L, 8)).isZero();
    }
  }
}
