package dev.portcullis.machine.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.UnitConfiguration.Preset;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a way of using the units makes of the units of a machine.
class UnitModeTest {
  private static Capabilities announced(UnitMode mode, MachineDescription machine) {
    return mode.applyTo(machine).units().getFirst().configuration().capabilities();
  }

  private static Capabilities announced(Preset preset) {
    return preset.builder().build().capabilities();
  }

  private static MachineDescription machine(Preset preset, String features)
      throws MachineFileException {
    return MachineFile.parse(
        "machine.yaml",
        Path.of("."),
        """
        units: [{at: 00:04.0, profile: %s, features: {%s}}]
        devices: [{type: edu, at: 00:06.0}]
        """
            .formatted(preset.key(), features));
  }

  private static boolean has(Capabilities capabilities, Feature feature) {
    return feature
        .field()
        .isSet(
            switch (feature.word()) {
              case CAP -> capabilities.capability().word();
              case ECAP -> capabilities.extended().word();
            });
  }

  @ParameterizedTest
  @EnumSource(names = {"STRICT", "LAZY", "PASS_THROUGH", "OFF"})
  void mostModesLeaveTheUnitsAsTheyAre(UnitMode mode) {
    assertThat(mode.applyTo(MachineFile.standard())).isEqualTo(MachineFile.standard());
  }

  @Test
  void aUnitWithoutScalableModeGetsTheProfile() {
    assertThat(announced(UnitMode.FIRST_STAGE, MachineFile.standard()))
        .isEqualTo(announced(Preset.SCALABLE));
  }

  @Test
  void aUnitWithScalableModeStaysWhatItIs() throws Exception {
    var everything = machine(Preset.EVERYTHING, "");

    assertThat(announced(UnitMode.FIRST_STAGE, everything)).isEqualTo(announced(Preset.EVERYTHING));
    assertThat(has(announced(UnitMode.SECOND_STAGE, everything), Feature.PERFORMANCE_MONITORING))
        .isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void theSecondStageIsAloneOnEveryUnit(Preset preset) throws Exception {
    Capabilities second = announced(UnitMode.SECOND_STAGE, machine(preset, ""));

    assertThat(List.of(Feature.SCALABLE_MODE, Feature.SECOND_STAGE))
        .allMatch(feature -> has(second, feature));
    assertThat(List.of(Feature.FIRST_STAGE, Feature.NESTED_TRANSLATION))
        .noneMatch(feature -> has(second, feature));
  }

  @Test
  void theStageAskedForIsThereEvenWhereTheFileLeavesItOut() throws Exception {
    var firstAlone =
        machine(
            Preset.SCALABLE,
            "second-stage: false, nested-translation: false, second-stage-accessed-dirty: false");
    var secondAlone = UnitMode.SECOND_STAGE.applyTo(firstAlone);

    assertThat(has(announced(UnitMode.SECOND_STAGE, firstAlone), Feature.SECOND_STAGE)).isTrue();
    assertThat(has(announced(UnitMode.FIRST_STAGE, secondAlone), Feature.FIRST_STAGE)).isTrue();
  }
}
