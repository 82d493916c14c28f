package dev.portcullis.vmm.platform.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.vmm.console.Output;
import dev.portcullis.vmm.console.Output.Guest;
import dev.portcullis.vmm.console.Output.Notice;
import dev.portcullis.vmm.console.Wish;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// People are at the console of a partition, through the control socket.
@Timeout(60)
class AttachTest {
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      partitions:
        - {name: user, memory: 16M, runs: client}
      """;

  @TempDir private Path folder;
  private RunningPlatform platform;
  private ControlServer server;
  private final StringBuilder seen = new StringBuilder();

  @BeforeEach
  void start() throws Exception {
    platform =
        RunningPlatform.start(
            PlatformFile.parse("test.yaml", folder, PLATFORM), folder, event -> {});
    server = ControlServer.start(platform, folder.resolve("control/socket"));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    platform.close();
  }

  private ControlClient client() throws IOException {
    return ControlClient.connect(server.socket());
  }

  /// Reads until `wanted` was read.
  ///
  /// @return position behind what was read last
  private long await(ConsoleConnection console, String wanted) throws IOException {
    seen.setLength(0);
    long position = 0;
    while (seen.indexOf(wanted) < 0) {
      Output output = console.next().orElseThrow(() -> new AssertionError("ended: " + seen));
      switch (output) {
        case Guest guest -> {
          seen.append(new String(guest.bytes(), StandardCharsets.UTF_8));
          position = guest.next();
        }
        case Notice(String text) -> seen.append('[').append(text).append(']');
      }
    }
    return position;
  }

  @Test
  void aCommandIsTypedAndAnswered() throws Exception {
    try (ControlClient client = client()) {
      ConsoleConnection console = client.attach("user", "alice", Wish.WRITE, 0);
      assertThat(console.writer()).isEqualTo("alice");
      await(console, "partition user begins, 16 MiB of memory\n");
      console.type("helq\bp\r");
      await(console, "helq\b \bp\nknown here: devices, ping ADDRESS\n");
    }
  }

  @Test
  void aSecondWriterIsToldWhoWritesAndMayTakeOver() throws Exception {
    try (ControlClient first = client();
        ControlClient second = client()) {
      ConsoleConnection alice = first.attach("user", "alice", Wish.WRITE, 0);
      assertThatThrownBy(() -> second.attach("user", "bob", Wish.WRITE, 0))
          .isInstanceOf(IOException.class)
          .hasMessage("alice writes on the console of user: watch, or take over");
      ConsoleConnection bob = second.attach("user", "bob", Wish.WATCH, 0);
      bob.type("x");
      await(bob, "[alice writes on the console of user: watch, or take over]");
      bob.takeOver();
      await(alice, "[bob has taken over: you watch]");
      bob.type("mine\r");
      await(alice, "mine\nknown here");
    }
  }

  @Test
  void whoLeavesAndComesBackHasMissedNothing() throws Exception {
    long position;
    try (ControlClient client = client()) {
      position = await(client.attach("user", "alice", Wish.WRITE, 0), "begins");
    }
    platform.power(PowerAction.RESET, "user");
    try (ControlClient client = client()) {
      ConsoleConnection console = client.attach("user", "alice", Wish.TAKE_OVER, position);
      await(console, "begins");
      console.type("a\r");
      await(console, "a\nknown here");
      assertThat(seen.toString()).doesNotContain("begins");
    }
  }

  @Test
  void aPartitionThatHangsIsOffOrHaltedHasItsConsole() throws Exception {
    try (ControlClient client = client()) {
      ConsoleConnection console = client.attach("user", "alice", Wish.WRITE, 0);
      await(console, "begins");
      platform.power(PowerAction.PAUSE, "user");
      console.type("later\r");
      console.type("x".repeat(10_000));
      await(console, "[it does not read what was typed]");
      platform.power(PowerAction.RESUME, "user");
      await(console, "later\nknown here");

      platform.power(PowerAction.KILL, "user");
      console.type("nobody\r");
      await(console, "[partition user takes nothing: it is off]");
      try (ControlClient other = client()) {
        await(other.attach("user", "bob", Wish.WATCH, 0), "later\nknown here");
      }
      platform.power(PowerAction.START, "user");
      await(console, "partition user begins");
      console.type("here\r");
      await(console, "here\nknown here");
    }
  }

  @Test
  void whoSaysNoMoreIsShownWhatThereIs() throws Exception {
    try (ControlClient client = client()) {
      await(client.attach("user", "alice", Wish.WATCH, 0), "begins");
    }
    for (int i = 0; i < 20; i++) {
      try (ControlClient client = client()) {
        ConsoleConnection console = client.attach("user", "alice", Wish.WRITE, 0);
        console.leave();
        await(console, "partition user begins, 16 MiB of memory\n");
        assertThat(console.next()).isEmpty();
      }
    }
  }

  @Test
  void nonsenseIsRefusedAndTheConsoleStays() throws Exception {
    try (ControlClient client = client()) {
      assertThatThrownBy(() -> client.attach("nobody", "alice", Wish.WRITE, 0))
          .hasMessage("there is no partition nobody");
      ConsoleConnection console = client.attach("user", "alice", Wish.WRITE, -5);
      client.lines().write("{\"keys\":\"***\"}");
      await(console, "[that was not understood]");
      client.lines().write("{{{");
      await(console, "[that was not understood]");
      console.type("y\r");
      await(console, "y\nknown here");
    }
  }

  @Test
  void whoDoesNotReadHoldsUpNobody() throws Exception {
    try (ControlClient deaf = client();
        ControlClient client = client()) {
      deaf.attach("user", "deaf", Wish.WATCH, 0);
      ConsoleConnection console = client.attach("user", "alice", Wish.WRITE, 0);
      for (int i = 0; i < 1500; i++) {
        console.type("%0200d\r".formatted(i));
        await(console, "%0200d\nknown here: devices, ping ADDRESS\n".formatted(i));
      }
      platform.power(PowerAction.RESET, "user");
      assertThat(platform.console("user").count()).isEqualTo(2);
    }
  }
}
