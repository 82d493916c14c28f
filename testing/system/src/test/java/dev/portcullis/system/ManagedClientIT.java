package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.qemu.host.HostCommand;
import dev.portcullis.system.Program.Ended;
import dev.portcullis.vmm.audit.AuditLog;
import dev.portcullis.vmm.audit.Verification;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The platform of `examples/managed-client.sh`, and what that file says to do with it.
class ManagedClientIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir private Path folder;

  private Ended portcullis(String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--control", folder.resolve("control.sock").toString()));
    return Program.run(all.toArray(String[]::new));
  }

  @Test
  void everythingTheExampleSaysCanBeDone() throws Exception {
    String script = Lab.ROOT.resolve("examples/managed-client.sh").toString();
    var made = new HostCommand(List.of("sh", script, folder.toString())).run(LIMIT);
    assertThat(made.exitCode()).as(made.output()).isZero();
    Path management = folder.resolve("management.yaml");
    Files.writeString(
        management, Files.readString(management).replaceAll("127.0.0.1:844[34]", "127.0.0.1:0"));

    Process running =
        Program.start(
            "run",
            "--for",
            "100s",
            "--control",
            folder.resolve("control.sock").toString(),
            folder.resolve("platform.yaml").toString());
    try (BufferedReader said = running.inputReader(StandardCharsets.UTF_8)) {
      while (!said.readLine().contains("partition other is running")) {
        // It is being started.
      }
      use();
    } finally {
      Program.end(running);
    }
    assertThat(AuditLog.verify(folder.resolve("audit.log"), Optional.empty()))
        .isInstanceOf(Verification.Verified.class);
  }

  private void use() throws Exception {
    Ended before = portcullis("access", "user", "--evaluate");
    assertThat(before.out()).as(before.toString()).contains("The client is out of date.");
    Files.copy(folder.resolve("client-1.1.package"), folder.resolve("client.package"));
    Ended remedied = portcullis("access", "user", "--evaluate");
    assertThat(remedied.out()).as(remedied.toString()).contains("unrestricted");

    Ended contained = portcullis("contain", "user", "--reason", "odd traffic");
    assertThat(contained.out()).contains("user: contained since");
    Ended rebuilt = portcullis("rebuild", "user");
    assertThat(rebuilt.exitCode()).as(rebuilt.toString()).isZero();
    assertThat(portcullis("contain").out()).contains("user: contained since");

    Ended well = portcullis("diagnose");
    assertThat(well.exitCode()).as(well.toString()).isZero();
    assertThat(well.out()).contains("4,096 blocks are what its manifest says");
  }
}
