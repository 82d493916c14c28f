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
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainCommandTest {
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      partitions: [{name: user, memory: 16M, runs: client}]
      management: management.yaml
      """;

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int contain(String... arguments) {
    String[] all = new String[arguments.length + 3];
    all[0] = "contain";
    all[1] = "--control";
    all[2] = folder.resolve("control").resolve("socket").toString();
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true)).execute(all);
  }

  @Test
  void aPersonContainsAndLetsGo() throws Exception {
    PlatformDescription description = PlatformFile.parse("test.yaml", folder, PLATFORM);
    ManagementDescription wanted =
        ManagementFile.parse("m.yaml", folder, "state: state\ncontainment: {}\n", description);
    VerifiedBoot gate = ManagementServices.gate(wanted);
    try (RunningPlatform platform = RunningPlatform.start(description, folder, event -> {}, gate);
        ManagementServices services = ManagementServices.start(wanted, gate, platform);
        ControlServer _ =
            ControlServer.start(
                platform, folder.resolve("control").resolve("socket"), services.verbs())) {
      assertThat(contain()).isZero();
      assertThat(out).asString().startsWith("user: normal since ");

      assertThat(contain("user", "--reason", "a mail\u001b[2J\nfrom the help desk")).isZero();
      assertThat(out)
          .asString()
          .startsWith("user: contained since ")
          .endsWith(": a person says: a mail?[2J from the help desk\n");

      assertThat(contain("user", "--action", "verify")).isNotZero();
      assertThat(err).asString().contains("user is contained: verify is not possible");
      assertThat(contain("nobody")).isNotZero();
      assertThat(err).asString().contains("partition nobody cannot be contained");
      assertThat(contain("user", "--action", "forgive")).isNotZero();
      assertThat(err).asString().contains("\"forgive\" is no --action");
      assertThat(contain("user", "--action", "expire")).isNotZero();

      assertThat(contain("user", "--action", "release")).isZero();
      assertThat(out).asString().startsWith("user: normal since ");
    }
  }
}
