package dev.portcullis.machine.qtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.portcullis.machine.Platform;
import dev.portcullis.machine.PlatformException;
import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.MachineFile;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Virtual functions on the bus of a machine, as software finds them.
class VirtualFunctionsTest {
  private static final int CARD = 5 << 3;
  private static final int CAPABILITY = 0x100;
  private static final long PCIEXBAR = 0xe000_0000L;
  private static final long WINDOWS = 0xfc00_0000L;
  private static final int WINDOW_BYTES = 0x1_0000;

  @TempDir private Path folder;
  private MachineDescription description;
  private BareMachine machine;

  @BeforeEach
  void start() throws Exception {
    description =
        MachineFile.parse(
            "machine.yaml",
            folder,
            "memory: 128M\n"
                + "units: [{at: 00:04.0}]\n"
                + "devices: [{type: virtio-net, at: 00:05.0, virtual-functions: 3,"
                + " mac: \"02:00:00:00:00:10\"}]");
    machine = BareMachine.of(description, folder);
    machine.out(0xcf8, 4, 0x8000_0060L);
    machine.out(0xcfc, 4, PCIEXBAR | 1);
  }

  @AfterEach
  void end() {
    machine.close();
  }

  private static long config(int function, int register) {
    return PCIEXBAR + (long) (CARD + function) * 4096 + register;
  }

  private void enable(int number) {
    machine.write(config(0, CAPABILITY + 0x24), 4, WINDOWS);
    machine.write(config(0, CAPABILITY + 0x10), 2, number);
    machine.write(config(0, CAPABILITY + 8), 2, 9);
  }

  @Test
  void theyAreThereWhenSoftwareSaysSoAndGoneWhenItDoesNot() {
    assertThat(machine.read(config(0, CAPABILITY), 2)).isEqualTo(0x10);
    assertThat(machine.read(config(1, 8), 4)).as("nobody").isEqualTo(0xffff_ffffL);
    enable(2);
    for (int function = 1; function <= 2; function++) {
      assertThat(machine.read(config(function, 0), 4)).isEqualTo(0xffff_ffffL);
      assertThat(machine.read(config(function, 8), 4)).isEqualTo(0x0200_0001L);
      assertThat(machine.read(config(function, 0x10), 8)).isZero();
    }
    assertThat(machine.read(config(3, 8), 4)).isEqualTo(0xffff_ffffL);
    machine.write(config(0, CAPABILITY + 8), 2, 0);
    assertThat(machine.read(config(1, 8), 4)).isEqualTo(0xffff_ffffL);
    assertThat(machine.read(WINDOWS + 0x2005, 1)).isZero();
  }

  @Test
  void eachAnswersInItsWindowWithAnAddressOfItsOwn() {
    enable(3);
    for (int i = 0; i < 3; i++) {
      assertThat(machine.read(WINDOWS + i * WINDOW_BYTES + 0x2005, 1)).isEqualTo(0x11 + i);
    }
    machine.write(config(0, CAPABILITY + 8), 2, 1);
    assertThat(machine.read(WINDOWS + 0x2005, 1)).as("without VF MSE").isZero();
  }

  @Test
  void aResetOfTheCardTakesThemAway() {
    enable(3);
    long express = machine.read(config(0, 0x34), 1);
    while (machine.read(config(0, (int) express), 1) != 0x10) {
      express = machine.read(config(0, (int) express + 1), 1);
    }
    machine.write(config(0, (int) express + 8), 2, 0x8000);
    assertThat(machine.read(config(1, 8), 4)).isEqualTo(0xffff_ffffL);
    enable(1);
    assertThat(machine.read(config(1, 8), 4)).isEqualTo(0x0200_0001L);
  }

  @Test
  void aMachineOfQemuHasNone() {
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> Platform.open(description, folder).close())
        .withMessageContaining("00:05.0 has virtual functions");
  }
}
