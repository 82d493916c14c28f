package dev.portcullis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.ManagementDescription;
import dev.portcullis.management.ManagementFile;
import dev.portcullis.management.ManagementServices;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.control.ControlServer;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AccessCommandTest {
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices: [{name: nic, type: virtio-net, at: 00:03.0}]
      partitions:
        - {name: user, memory: 16M, runs: client, address: 10.9.0.2/24}
        - {name: services, memory: 32M, runs: bridge, devices: [nic]}
      links: [{between: [user, services]}]
      management: management.yaml
      """;
  private static final String POLICY =
      """
      policy: office
      rules:
        - {name: all, when: posture.agent.answered, result: unrestricted, reason: All is well.}
      """;

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int access(String... arguments) {
    String[] all = new String[arguments.length + 3];
    all[0] = "access";
    all[1] = "--control";
    all[2] = folder.resolve("control").resolve("socket").toString();
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true)).execute(all);
  }

  @Test
  void aPersonAsksForAccessAndItsReasons() throws Exception {
    Files.writeString(folder.resolve("policy.yaml"), POLICY);
    PlatformDescription description = PlatformFile.parse("test.yaml", folder, PLATFORM);
    ManagementDescription wanted =
        ManagementFile.parse(
            "m.yaml", folder, "state: state\naccess: {policy: policy.yaml}\n", description);
    VerifiedBoot gate = ManagementServices.gate(wanted);
    try (RunningPlatform platform = RunningPlatform.start(description, folder, event -> {}, gate);
        ManagementServices services = ManagementServices.start(wanted, gate, platform);
        ControlServer _ =
            ControlServer.start(
                platform, folder.resolve("control").resolve("socket"), services.verbs())) {
      assertThat(access("user", "--evaluate")).as(err.toString()).isZero();
      assertThat(out)
          .asString()
          .startsWith("user: unrestricted: All is well.\n")
          .contains("by policy office ", "rule all", "platform.engine: embedded");

      assertThat(access()).isZero();
      assertThat(out).asString().isEqualTo("user: unrestricted: All is well.\n");

      assertThat(access("user", "--json")).isZero();
      JsonNode one = JsonMapper.shared().readTree(out.toString()).get(0);
      assertThat(one.get("level").asString()).isEqualTo("unrestricted");
      JsonNode agent = one.get("decision").get("facts").get("posture").get("agent");
      assertThat(agent.get("answered").asBoolean()).isTrue();

      assertThat(access("nobody")).isNotZero();
      assertThat(err).asString().contains("there is no client partition nobody");
      assertThat(access("--evaluate")).isNotZero();
      assertThat(err).asString().contains("which partition is to be looked at?");
    }
  }
}
