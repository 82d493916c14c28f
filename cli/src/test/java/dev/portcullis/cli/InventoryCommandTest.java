package dev.portcullis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.inventory.InventoryVerb;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.control.ControlServer;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A person asks a running platform what it has.
class InventoryCommandTest {
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0, mac: "02:00:00:00:00:07"}
        - {name: disk, type: nvme, at: 00:04.0, size: 16M}
      partitions:
        - {name: user, memory: 16M, runs: client, address: 10.9.0.2/24, devices: [disk]}
        - {name: services, memory: 32M, runs: bridge, devices: [nic]}
      links:
        - between: [user, services]
      """;

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int inventory(String... more) {
    String[] all = new String[more.length + 3];
    all[0] = "inventory";
    all[1] = "--control";
    all[2] = folder.resolve("control").resolve("socket").toString();
    System.arraycopy(more, 0, all, 3, more.length);
    out.getBuffer().setLength(0);
    return Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true)).execute(all);
  }

  @Test
  void assetsAreListedForPeopleAndForPrograms() throws Exception {
    try (RunningPlatform platform =
            RunningPlatform.start(
                PlatformFile.parse("test.yaml", folder, PLATFORM), folder, event -> {});
        ControlServer _ =
            ControlServer.start(
                platform,
                folder.resolve("control").resolve("socket"),
                Map.of("inventory", new InventoryVerb(platform, Optional.empty())))) {
      assertThat(inventory()).as(err.toString()).isZero();
      assertThat(out)
          .asString()
          .startsWith("portcullis ")
          .contains("PORTCULLIS-00-04.0", "02:00:00:00:00:07", "10.9.0.2/24", "cable-0")
          .contains("images: nothing is measured");

      assertThat(inventory("--json")).isZero();
      JsonNode all = JsonMapper.shared().readTree(out.toString());
      assertThat(all.at("/platform/disks/0/serial").asString("")).isEqualTo("PORTCULLIS-00-04.0");
      assertThat(all.at("/platform/systems/0/memoryBytes").asLong(0)).isEqualTo(16 << 20);
      assertThat(all.at("/platform/functions/0/vendor").asString("")).isEqualTo("1af4");
      assertThat(all.at("/host/portcullis").asString("")).isNotEmpty();
    }
    assertThat(inventory()).as("nobody answers any more").isEqualTo(2);
  }
}
