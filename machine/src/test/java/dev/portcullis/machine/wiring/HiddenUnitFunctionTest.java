package dev.portcullis.machine.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.UnitConfiguration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HiddenUnitFunctionTest {
  private static final int COMMAND = 4;
  private static final int BASE_ADDRESS = 0x10;

  private final HiddenUnitFunction function =
      new HiddenUnitFunction(
          new RemappingUnit(
              UnitConfiguration.builder().build(), new MemoryMap(), (address, data) -> {}));
  private final List<Long> places = new ArrayList<>();

  HiddenUnitFunctionTest() {
    function.onPlaced(places::add);
  }

  /// As firmware does: finds the size out, places the window, enables it.
  private void place(long address) {
    function.writeConfig(BASE_ADDRESS, 4, 0xffff_ffffL);
    assertThat(function.readConfig(BASE_ADDRESS, 4)).isEqualTo(0xffff_f000L);
    function.writeConfig(BASE_ADDRESS, 4, address);
    function.writeConfig(COMMAND, 2, 2);
  }

  @Test
  void learnsWhereTheFirmwarePutsItsRegisters() {
    assertThat(function.registerBase()).isEmpty();

    place(0xfebf_1000L);

    assertThat(function.registerBase()).hasValue(0xfebf_1000L);
    assertThat(places).containsExactly(0xfebf_1000L);
    assertThat(function.isHidden()).isFalse();
  }

  @Test
  void hidesFromTheFirstReadOfARegisterOn() {
    place(0xfebf_1000L);
    function.readBar(0, 8, 8);

    assertThat(function.isHidden()).isTrue();
    assertThat(function.readConfig(0, 2)).isEqualTo(0xffff);
    assertThat(function.readConfig(0, 1)).isEqualTo(0xff);
    assertThat(function.readConfig(0, 8)).isEqualTo(-1);
  }

  @Test
  void hiddenItsWindowStaysWhereItIs() {
    place(0xfebf_1000L);
    function.writeBar(0, 0x18, 4, 0);
    function.writeConfig(BASE_ADDRESS, 4, 0xfe00_0000L);

    assertThat(function.registerBase()).hasValue(0xfebf_1000L);
    assertThat(places).hasSize(1);
  }

  @Test
  void aResetShowsItAgain() {
    place(0xfebf_1000L);
    function.readBar(0, 8, 8);
    function.reset();

    assertThat(function.isHidden()).isFalse();
    assertThat(function.registerBase()).isEmpty();
    assertThat(function.readConfig(0, 2)).isEqualTo(0x1234);

    place(0xfe00_0000L);
    assertThat(places).containsExactly(0xfebf_1000L, 0xfe00_0000L);
  }

  @Test
  void aNewMachineFindsItThoughTheLastOneVanished() {
    place(0xfebf_1000L);
    function.readBar(0, 8, 8);
    function.attached();

    assertThat(function.readConfig(0, 2)).isEqualTo(0x1234);
  }

  @Test
  void noDriverFeelsMeant() {
    assertThat(function.readConfig(8, 4) >>> 8).as("other system peripheral").isEqualTo(0x088000);
  }
}
