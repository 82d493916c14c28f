package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `./portcullis attach`, at a terminal and without one, on this computer and from afar.
class AttachIT {
  private static final String PASSWORD = "correct-horse-Battery9";
  private static final String DETACH = "\u001dq";

  private static final String PLATFORM =
      """
      memory: 512M
      units: [{at: 00:01.0, profile: scalable}]
      partitions:
        - {name: user, memory: 16M, runs: client}
      """;
  private static final String LINUX =
      "  - {name: linux, engine: qemu, memory: 192M, runs: client}\n";

  @TempDir private Path folder;
  private Process platform;
  private int port;

  private void start(String yaml, String lastLine) throws Exception {
    Path file = Files.writeString(folder.resolve("platform.yaml"), yaml);
    platform = Program.start("run", "--for", "100s", "--control", socket(), file.toString());
    Program.linesUpTo(lastLine, platform.inputReader());
  }

  @AfterEach
  void stop() throws Exception {
    Program.end(platform);
  }

  private String socket() {
    return folder.resolve("control.sock").toString();
  }

  private PersonAtTerminal person(String... words) throws Exception {
    return PersonAtTerminal.start(folder, here(words));
  }

  private String[] here(String... words) {
    List<String> all = new ArrayList<>(List.of("attach", "--control", socket()));
    all.addAll(Arrays.asList(words));
    return all.toArray(String[]::new);
  }

  @Test
  void keysOfATerminalArriveOneByOne_andItsSettingsComeBack() throws Exception {
    start(PLATFORM, "partition user is running");
    try (PersonAtTerminal alice = person("user")) {
      alice.await("attached to user; Ctrl-] q detaches");
      alice.await("partition user begins");
      assertThat(alice.settings()).contains("-icanon", "-echo", "-isig", "-ixon", "opost");

      alice.type("helq");
      alice.await("helq");
      alice.type("\b");
      alice.await("\b \b");
      alice.type("p\r");
      alice.await("known here: devices, ping ADDRESS");
      alice.type("\u0003\u001a\u001c");
      alice.type("\u001dx");
      alice.await("[Ctrl-] q detaches");
      alice.type("\rstill here\r");
      alice.await("still here");

      try (PersonAtTerminal bob = person("user", "--take-over")) {
        alice.await("has taken over: you watch]");
        alice.type("nothing");
        alice.await("writes on the console of user: watch, or take over]");
        bob.type("by bob\r");
        alice.await("by bob");
        bob.terminateProgram();
        assertThat(bob.awaitEnd()).endsWith("143");
      }
      alice.type("\u001dt");
      alice.type("again\r");
      alice.await("again");
      alice.type(DETACH);
      assertThat(alice.awaitEnd()).contains("detached; --from ").endsWith(": 0");
    }
  }

  @Test
  void aPlatformThatIsKilledGivesTheTerminalBack() throws Exception {
    start(PLATFORM, "partition user is running");
    try (PersonAtTerminal alice = person("user")) {
      alice.await("partition user begins");
      platform.destroyForcibly().waitFor();
      assertThat(alice.awaitEnd()).contains("detached; --from ");
    }
  }

  @Test
  void withoutATerminalBytesPassAsTheyAre() throws Exception {
    start(PLATFORM, "partition user is running");
    Program.Ended watched = Program.run(here("user", "--watch"));
    assertThat(watched.exitCode()).as(watched.toString()).isZero();
    assertThat(watched.out()).contains("partition user begins, 16 MiB of memory\n");
    assertThat(watched.err()).isEmpty();
    assertThat(watched.out()).doesNotContain("\u001b", "\r\n");

    Program.Ended alone = Program.run(here("user", "--user", "alice"));
    assertThat(alone.exitCode()).isEqualTo(2);
    assertThat(alone.err()).contains("belong to --url");
  }

  @Test
  @Tag("slow")
  void aShellOfLinuxTakesItsKeys_whoComesBackMissedNothing_alsoWhenItPanics() throws Exception {
    start(PLATFORM + LINUX, "partition linux is running");
    String from;
    try (PersonAtTerminal alice = person("linux");
        PersonAtTerminal bob = person("linux", "--watch")) {
      alice.await("root@portcullis:~# ");
      alice.type("sh -c 'echo up; sleep 1000'\r");
      alice.await("\nup");
      alice.type("\u0003");
      alice.type("echo code $?\r");
      alice.await("\ncode 130");
      alice.type("printf '\u001d\u001d' | cat -v; printf 'ä%s\\n' b\r");
      alice.await("äb");
      bob.await("äb");
      alice.type(DETACH);
      String said = alice.awaitEnd();
      from = said.replaceAll("(?s).*--from (\\d+) .*", "$1");

      assertThat(Program.run("partition", "pause", "linux", "--control", socket()).exitCode())
          .isZero();
      try (PersonAtTerminal again = person("linux", "--from", from)) {
        again.type("echo late$((1 + 1))\r");
        assertThat(Program.run("partition", "resume", "linux", "--control", socket()).exitCode())
            .isZero();
        assertThat(again.await("late2")).doesNotContain("code 130");
        bob.await("late2");
        again.type("echo c > /proc/sysrq-trigger\r");
        again.await("Kernel panic");
        again.type(DETACH);
        again.awaitEnd();
      }
      bob.type(DETACH);
      assertThat(bob.awaitEnd()).contains("Kernel panic");
    }
  }

  private String[] afar(String... words) {
    List<String> all =
        new ArrayList<>(List.of("attach", "--url", "https://127.0.0.1:" + port, "user"));
    all.addAll(Arrays.asList(words));
    return all.toArray(String[]::new);
  }

  private String certificate() {
    return folder.resolve("state/certificate/service.pem").toString();
  }

  private void startWithConsolesAfar() throws Exception {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Files.writeString(
        folder.resolve("management.yaml"),
        """
        state: state
        redfish: {listen: '127.0.0.1:%d', consoles: '127.0.0.1:0', accounts: accounts.json}
        """
            .formatted(port));
    account("alice", "Operator");
    account("reader", "ReadOnly");
    start(PLATFORM + "management: management.yaml\n", "partition user is running");
  }

  private void account(String name, String role) throws Exception {
    Process add =
        Program.start(
            "account",
            "add",
            name,
            "--role",
            role,
            "--accounts",
            folder.resolve("accounts.json").toString());
    add.getOutputStream().write((PASSWORD + "\n").getBytes(StandardCharsets.UTF_8));
    add.getOutputStream().close();
    assertThat(add.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(add.exitValue()).isZero();
  }

  @Test
  void theSameFromAfar_withThePasswordAskedFor() throws Exception {
    startWithConsolesAfar();
    try (PersonAtTerminal alice =
        PersonAtTerminal.start(folder, afar("--user", "alice", "--certificate", certificate()))) {
      alice.await("Password of alice: ");
      alice.type(PASSWORD + "\n");
      assertThat(alice.await("partition user begins")).doesNotContain(PASSWORD);
      assertThat(alice.settings()).contains("-icanon", "-echo", "-isig");
      alice.type("help\r");
      alice.await("known here");

      Path password = Files.writeString(folder.resolve("password"), PASSWORD + "\n");
      refusals(password.toString());
      Program.Ended watched =
          Program.run(
              afar(
                  "--watch",
                  "--user",
                  "reader",
                  "--password-file",
                  password.toString(),
                  "--certificate",
                  certificate()));
      assertThat(watched.exitCode()).as(watched.toString()).isZero();

      account("alice", "ReadOnly");
      assertThat(alice.awaitEnd()).contains("detached; --from ");
    }
  }

  private void refusals(String password) throws Exception {
    assertRefused(
        "writes on the console of user: watch, or take over",
        afar("--user", "alice", "--password-file", password, "--certificate", certificate()));
    assertRefused(
        "your account may not write there: --watch",
        afar("--user", "reader", "--password-file", password, "--certificate", certificate()));
    assertRefused(
        "user or password is wrong",
        afar("--user", "nobody", "--password-file", password, "--certificate", certificate()));
    assertRefused(
        "unable to find valid certification path",
        afar("--user", "alice", "--password-file", password));
    assertRefused("nobody can be asked for the password", afar("--user", "alice"));
  }

  private static void assertRefused(String why, String... words) throws Exception {
    Program.Ended refused = Program.run(words);
    assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(2);
    assertThat(refused.err()).startsWith("portcullis: ").contains(why).hasLineCount(1);
    assertThat(refused.out()).isEmpty();
  }
}
