package dev.portcullis.machine.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.spec.dmar.DeviceScope;
import dev.portcullis.spec.dmar.DmarTable;
import dev.portcullis.spec.dmar.Drhd;
import dev.portcullis.spec.dmar.MalformedDmarException;
import dev.portcullis.spec.dmar.Rmrr;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DmarBuilderTest {
  private static final RegisterWindow FIRST = new RegisterWindow(0xfebf_1000L, 4096);
  private static final RegisterWindow SECOND = new RegisterWindow(0xfebf_4000L, 16384);

  private static MachineDescription machine(String yaml) throws MachineFileException {
    return MachineFile.parse("machine.yaml", Path.of(""), yaml);
  }

  @Test
  void aUnitIsListedWithTheFunctionsItServesAndNoOther() throws MachineFileException {
    DmarTable table =
        DmarBuilder.build(
            machine(
                """
                units: [{id: a, at: 00:04.0, host-address-bits: 46}, {id: b, at: 00:08.0, host-address-bits: 39}]
                devices:
                  - {type: edu, at: 00:06.0, unit: b}
                  - {type: nvme, at: 00:05.0, unit: a}
                  - {type: nvme, at: 00:07.0, unit: b}
                """),
            Map.of("a", FIRST, "b", SECOND));

    assertThat(table.structures())
        .containsExactly(
            new Drhd(0, 0, 0, 0xfebf_1000L, List.of(DeviceScope.endpoint(0, 5, 0))),
            new Drhd(
                0,
                2,
                0,
                0xfebf_4000L,
                List.of(DeviceScope.endpoint(0, 6, 0), DeviceScope.endpoint(0, 7, 0))));
    assertThat(table.hostAddressWidth()).as("what every unit reaches").isEqualTo(39);
  }

  @Test
  void reservedMemoryIsReportedWithItsDevice_andASharedRequesterIdWithItsUnit()
      throws MachineFileException {
    DmarTable table =
        DmarBuilder.build(
            machine(
                """
                units: [{at: 00:04.0}]
                devices:
                  - {type: edu, at: 00:05.0, reserved-memory: {at: 0x1ff00000, size: 64K}}
                  - {type: edu, at: 00:06.0, requester-id: 00:1e.0}
                  - {type: edu, at: 00:07.0, requester-id: 00:1e.0}
                """),
            Map.of("dmar0", FIRST));

    assertThat(table.structures())
        .containsExactly(
            new Drhd(
                0,
                0,
                0,
                0xfebf_1000L,
                List.of(
                    DeviceScope.endpoint(0, 5, 0),
                    DeviceScope.endpoint(0, 6, 0),
                    DeviceScope.endpoint(0, 0x1e, 0),
                    DeviceScope.endpoint(0, 7, 0))),
            new Rmrr(0, 0x1ff0_0000L, 0x1ff0_ffffL, List.of(DeviceScope.endpoint(0, 5, 0))));
  }

  @Test
  void interruptRemappingIsNotPromisedByUnitsThatLackIt() {
    DmarTable table = DmarBuilder.build(MachineFile.standard(), Map.of("dmar0", FIRST));

    assertThat(DmarTable.INTR_REMAP.isSet(table.flags())).isFalse();
  }

  @Test
  void interruptRemappingIsPromisedWhereEveryUnitHasIt() throws MachineFileException {
    String remapping = "features: {interrupt-remapping: true}";
    DmarTable both =
        DmarBuilder.build(
            machine(
                "units: [{id: a, at: 00:04.0, %1$s}, {id: b, at: 00:08.0, %1$s}]"
                    .formatted(remapping)),
            Map.of("a", FIRST, "b", SECOND));
    DmarTable one =
        DmarBuilder.build(
            machine("units: [{id: a, at: 00:04.0, %s}, {id: b, at: 00:08.0}]".formatted(remapping)),
            Map.of("a", FIRST, "b", SECOND));

    assertThat(both.flags()).isEqualTo((int) DmarTable.INTR_REMAP.mask());
    assertThat(one.flags()).isZero();
  }

  @Test
  void softwareIsAskedToLeaveX2apicAloneWhereTheMachineSaysSo() throws MachineFileException {
    DmarTable table =
        DmarBuilder.build(
            machine(
                """
                x2apic: opt-out
                units: [{id: a, at: 00:04.0, features: {interrupt-remapping: true}}]
                """),
            Map.of("a", FIRST));

    assertThat(table.flags())
        .isEqualTo((int) (DmarTable.INTR_REMAP.mask() | DmarTable.X2APIC_OPT_OUT.mask()));
  }

  @Test
  void whatIsBuiltCanBeDecoded() throws MalformedDmarException {
    DmarTable table = DmarBuilder.build(MachineFile.standard(), Map.of("dmar0", FIRST));

    assertThat(DmarTable.decode(table.encode())).isEqualTo(table);
  }

  @Test
  void registersLieAtAMultipleOfTheirSize() {
    assertThatIllegalArgumentException().isThrownBy(() -> new RegisterWindow(0xfebf_1000L, 8192));
  }
}
