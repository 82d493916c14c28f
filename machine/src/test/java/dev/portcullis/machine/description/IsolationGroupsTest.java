package dev.portcullis.machine.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.portcullis.machine.description.IsolationGroups.Companion;
import dev.portcullis.machine.description.IsolationGroups.Tie;
import dev.portcullis.pci.RequesterId;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class IsolationGroupsTest {
  private static final String UNIT = "units: [{at: 00:01.0}]\n";

  private static List<Companion> companionsOf(String at, String devices)
      throws MachineFileException {
    MachineDescription machine =
        MachineFile.parse("m.yaml", Path.of(""), UNIT + "devices:\n" + devices);
    return new IsolationGroups(machine).companionsOf(RequesterId.parse(at));
  }

  @Test
  void aFunctionAloneInItsDeviceIsKeptApartFromAll() throws MachineFileException {
    String devices = "- {type: edu, at: 00:05.0}\n- {type: edu, at: 00:06.0}\n";

    assertThat(companionsOf("00:05.0", devices)).isEmpty();
  }

  @Test
  void functionsOfOneDeviceAreOneGroupUnlessTheyHaveAcs() throws MachineFileException {
    String devices =
        """
        - {type: edu, at: 00:05.0}
        - {type: edu, at: 00:05.1}
        - {type: edu, at: 00:05.2, acs: true}
        - {type: edu, at: 00:06.0}
        """;

    assertThat(companionsOf("00:05.1", devices))
        .containsExactly(
            new Companion(
                new RequesterId(0, 5, 0),
                Tie.NO_ACCESS_CONTROL,
                "they are functions of device 00:05 without ACS between them"));
    assertThat(companionsOf("00:05.2", devices)).isEmpty();
  }

  @Test
  void virtualFunctionsAreKeptApart() throws MachineFileException {
    String devices =
        """
        - {type: virtio-net, at: 00:05.0, virtual-functions: 2}
        - {type: edu, at: 00:05.7}
        """;

    assertThat(companionsOf("00:05.1", devices)).isEmpty();
    assertThat(companionsOf("00:05.0", devices))
        .extracting(Companion::at)
        .containsExactly(new RequesterId(0, 5, 7));
  }

  @Test
  void whatSharesARequesterIdIsOneGroup_alsoByWayOfAnother() throws MachineFileException {
    String devices =
        """
        - {type: edu, at: 00:05.0, requester-id: 00:1e.0}
        - {type: edu, at: 00:06.0, requester-id: 00:1e.0}
        - {type: edu, at: 00:06.1}
        - {type: edu, at: 00:07.0, requester-id: 00:06.1, acs: true}
        """;

    assertThat(companionsOf("00:05.0", devices))
        .extracting(Companion::at, Companion::tie)
        .containsExactly(
            tuple(new RequesterId(0, 6, 0), Tie.SAME_REQUESTER_ID),
            tuple(new RequesterId(0, 6, 1), Tie.NO_ACCESS_CONTROL),
            tuple(new RequesterId(0, 7, 0), Tie.SAME_REQUESTER_ID));
    assertThat(companionsOf("00:05.0", devices).getFirst().why())
        .isEqualTo("they share requester ID 00:1e.0");
  }
}
