package dev.portcullis.management.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.management.ManagementDescription;
import dev.portcullis.management.ManagementFile;
import dev.portcullis.management.access.AccessDecision.Verdict;
import dev.portcullis.management.access.Facts;
import dev.portcullis.management.access.PolicyFile;
import dev.portcullis.management.enforcement.RemediationNetwork;
import dev.portcullis.management.enforcement.RemediationNetwork.Own;
import dev.portcullis.management.remediation.RemediationStep;
import dev.portcullis.management.remediation.RemediationStep.Action;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessReaderTest {
  private static final Path EXAMPLES = Path.of("..", "examples").toAbsolutePath().normalize();
  private static final String GOOD =
      """
      state: state
      remediation: [10.9.0.1]
      access:
        policy: policy.yaml
        every-seconds: 5
        help: 10.9.0.250/24
        hash:
          - {partition: user, at: 1M, size: 8K}
        steps:
          - {name: update, rules: [old client], do: install, package: client.package}
          - {name: firewall, do: restart, service: nftables}
          - {name: look, do: measure}
          - {name: anew, do: rebuild}
      """;

  private static ManagementDescription read(String yaml) throws MachineFileException {
    PlatformDescription platform = PlatformFile.read(EXAMPLES.resolve("client-platform.yaml"));
    return ManagementFile.parse("management.yaml", Path.of("/m"), yaml, platform);
  }

  @Test
  void everythingIsRead() throws Exception {
    ManagementDescription all = read(GOOD);
    AccessDescription access = all.access().orElseThrow();

    assertThat(access.policy()).isEqualTo(Path.of("/m/policy.yaml"));
    assertThat(access.every()).isEqualTo(Duration.ofSeconds(5));
    assertThat(access.fresh()).isEqualTo(Duration.ofSeconds(30));
    assertThat(access.hashed()).isEqualTo(Map.of("user", List.of(new PageRange(1 << 20, 8 << 10))));
    assertThat(access.steps())
        .containsExactly(
            new RemediationStep(
                "update", Set.of("old client"), new Action.Install(Path.of("/m/client.package"))),
            new RemediationStep("firewall", Set.of(), new Action.Restart("nftables")),
            new RemediationStep("look", Set.of(), new Action.Measure()),
            new RemediationStep("anew", Set.of(), new Action.Rebuild()));
    assertThat(all.remediation())
        .isEqualTo(
            new RemediationNetwork(
                List.of(Ipv4Address.parse("10.9.0.1")),
                Optional.of(new Own(Ipv4Address.parse("10.9.0.250"), "help"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          policy: policy.yaml            | plicy: policy.yaml    | management.yaml:3: access: "policy" is missing
          every-seconds: 5               | every-seconds: 0      | management.yaml:5: access.every-seconds: 0 is not a whole number from 1 to 86400
          help: 10.9.0.250/24            | help: 10.9.0.250      | management.yaml:6: access.help
          help: 10.9.0.250/24            | fresh-seconds: 9      | packages are fetched from "help", which is missing
          partition: user, at            | partition: usr, at    | there is no partition usr
          size: 8K                       | size: 5000            | whole pages of 4 KiB below 64 MiB
          size: 8K                       | size: 64M             | whole pages of 4 KiB below 64 MiB
          size: 8K                       | size: 17M             | more than 16 MiB of pages in all
          name: firewall                 | name: update          | update is here twice
          do: restart, service: nftables | do: restart           | "service" is missing
          service: nftables              | service: "a; b"       | "a; b" is no name for it
          package: client.package        | package: "a b"        | "a b" is no name for it
          do: measure                    | do: nothing           | management.yaml:12: access.steps[2].do
          do: measure                    | do: measure, more: 1  | there is no such key
          """)
  void whatIsWrongIsSaidWithItsPlace(String good, String bad, String why) {
    assertThat(GOOD).contains(good);
    assertThatThrownBy(() -> read(GOOD.replace(good, bad)))
        .isInstanceOf(MachineFileException.class)
        .hasMessageContaining(why);
  }

  @Test
  void bridgeInQemuEnforcesNothing() throws Exception {
    PlatformDescription platform =
        PlatformFile.parse(
            "platform.yaml",
            Path.of("/m"),
            """
            memory: 512M
            units: [{at: 00:01.0, profile: scalable}]
            partitions:
              - {name: services, memory: 192M, runs: bridge, engine: qemu}
            """);
    assertThatThrownBy(() -> ManagementFile.parse("management.yaml", Path.of("/m"), GOOD, platform))
        .hasMessageContaining("access is enforced at the ports of an embedded bridge");
  }

  @Test
  void exampleIsRight() throws Exception {
    Path file = EXAMPLES.resolve("access").resolve("management.yaml");
    AccessDescription access =
        ManagementFile.read(file, PlatformFile.read(EXAMPLES.resolve("client-platform.yaml")))
            .access()
            .orElseThrow();
    Facts facts =
        Facts.of("user")
            .with("report", Map.of("age", 1))
            .with(
                "posture",
                Map.of(
                    "agent",
                    Map.of("answered", true),
                    "packages",
                    List.of(Map.of("name", "client", "version", "1.0"))));

    var decision = PolicyFile.read(access.policy()).decide(facts);

    assertThat(decision.verdict()).isEqualTo(Verdict.CONDITIONAL);
    assertThat(access.steps()).allMatch(step -> step.isFor(decision.rule().orElseThrow()));
  }
}
