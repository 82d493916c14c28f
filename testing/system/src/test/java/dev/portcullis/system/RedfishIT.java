package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.qemu.host.HostCommand;
import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.ProgramTree;
import dev.portcullis.qemu.install.Progress;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A platform under DMTF's own client, `redfishtool`, as `./portcullis run` starts it.
class RedfishIT {
  private static final String PASSWORD = "correct-horse-Battery9";
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      management: management.yaml
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0}
        - {name: disk, type: nvme, at: 00:04.0, size: 16M}
      partitions:
        - {name: user, memory: 16M, runs: client, address: 10.9.0.2/24, devices: [disk]}
        - {name: services, memory: 32M, runs: bridge, devices: [nic]}
      links:
        - between: [user, services]
      """;

  private static ProgramTree tools;

  @TempDir private Path folder;
  private Process platform;
  private int port;

  @BeforeAll
  static void install() throws Exception {
    tools = Lab.CACHE.redfishtool(Progress.none());
  }

  @BeforeEach
  void start() throws Exception {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Files.writeString(
        folder.resolve("management.yaml"),
        """
        state: state
        redfish: {listen: '127.0.0.1:%d', accounts: accounts.json}
        """
            .formatted(port));
    Path file = Files.writeString(folder.resolve("platform.yaml"), PLATFORM);
    account("admin", "Administrator");
    account("guest", "ReadOnly");
    platform =
        Program.start(
            "run",
            file.toString(),
            "--for",
            "2m",
            "--control",
            folder.resolve("control.sock").toString());
    Program.linesUpTo("partition services is running", platform.inputReader());
  }

  private void account(String name, String role) throws Exception {
    ProcessBuilder add =
        new ProcessBuilder(
            Program.command(
                "account",
                "add",
                name,
                "--role",
                role,
                "--accounts",
                folder.resolve("accounts.json").toString()));
    Process process = add.redirectErrorStream(true).start();
    process.getOutputStream().write((PASSWORD + "\n").getBytes());
    process.getOutputStream().close();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue())
        .as(new String(process.getInputStream().readAllBytes()))
        .isZero();
  }

  @AfterEach
  void stop() throws Exception {
    platform.destroy();
    assertThat(platform.waitFor(1, TimeUnit.MINUTES)).isTrue();
  }

  private HostCommand.Result tool(String user, String... words) throws Exception {
    Path usr = tools.root().resolve("usr");
    Map<String, String> environment =
        Map.of(
            "PYTHONHOME", usr.toString(),
            "PYTHONPATH", usr.resolve("lib/python3/dist-packages").toString(),
            "PYTHONDONTWRITEBYTECODE", "1");
    List<String> all =
        new ArrayList<>(
            tools.command(
                Cache.PYTHON,
                tools.root().resolve(Cache.REDFISHTOOL).toString(),
                "-r",
                "127.0.0.1:" + port,
                "-u",
                user,
                "-p",
                PASSWORD,
                "-S",
                "Always"));
    all.addAll(Arrays.asList(words));
    return new HostCommand(all, environment).run(LIMIT);
  }

  private JsonNode asked(String... words) throws Exception {
    HostCommand.Result result = tool("admin", words);
    assertThat(result.exitCode()).as("%s: %s", List.of(words), result.output()).isZero();
    return JsonMapper.shared().readTree(result.output());
  }

  private String powerState() throws Exception {
    return asked("Systems", "-I", "user", "get").get("PowerState").asString();
  }

  @Test
  void redfishtoolFindsItsWayAndSwitchesPartitions() throws Exception {
    assertThat(asked("Systems").get("Members@odata.count").asInt()).isEqualTo(2);
    assertThat(asked("Chassis", "-F", "get").get("Id").asString()).isEqualTo("Machine");
    assertThat(asked("Managers", "-F", "get").get("Id").asString()).isEqualTo("Lvmm");
    assertThat(asked("Systems", "-I", "user", "Processors").get("Members")).hasSize(1);
    assertThat(asked("Systems", "-I", "user", "Logs").get("Members")).isNotEmpty();
    assertThat(asked("AccountService", "Accounts").get("Members")).hasSize(2);
    assertThat(powerState()).isEqualTo("On");

    assertThat(tool("admin", "Systems", "-I", "user", "reset", "ForceOff").exitCode()).isZero();
    assertThat(powerState()).isEqualTo("Off");
    assertThat(tool("admin", "Systems", "-I", "user", "reset", "On").exitCode()).isZero();
    assertThat(powerState()).isEqualTo("On");
    assertThat(asked("Systems", "-I", "user", "setAssetTag", "desk 7").get("AssetTag").asString())
        .isEqualTo("desk 7");

    assertThat(tool("guest", "Systems", "-I", "user", "get").exitCode()).isZero();
    assertThat(tool("guest", "Systems", "-I", "user", "reset", "ForceOff").exitCode()).isNotZero();
    assertThat(tool("nobody", "Systems").exitCode()).isNotZero();
    assertThat(powerState()).isEqualTo("On");
  }
}
