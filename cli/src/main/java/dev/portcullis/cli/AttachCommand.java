package dev.portcullis.cli;

import dev.portcullis.vmm.console.Output;
import dev.portcullis.vmm.console.Output.Guest;
import dev.portcullis.vmm.console.Output.Notice;
import dev.portcullis.vmm.console.Wish;
import dev.portcullis.vmm.platform.control.ConsoleEnd;
import dev.portcullis.vmm.platform.control.ControlClient;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Puts the console of a running platform's partition on this terminal.
@Command(
    name = "attach",
    description = {
      "Puts the console of a running platform's partition on this terminal, whatever the partition"
          + " does. With --url the platform may be anywhere.",
      "Ctrl-] q detaches, Ctrl-] t takes the keyboard over, Ctrl-] Ctrl-] types Ctrl-]."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class AttachCommand implements Callable<Integer> {
  private static final System.Logger LOG = System.getLogger(AttachCommand.class.getName());

  /// Ctrl-].
  private static final byte ESCAPE = 0x1d;

  @Mixin private ControlSocket control;
  @Mixin private DistantPlatform distant;

  @Parameters(index = "0", paramLabel = "PARTITION", description = "Its name.")
  private String partition;

  @ArgGroup private Manner manner = new Manner();

  @Option(
      names = "--from",
      paramLabel = "POSITION",
      defaultValue = "0",
      description =
          "Shows what the partition wrote from there on: the number that detaching said. All that"
              + " is kept if not given.")
  private long from;

  private final KeyText keyText = new KeyText();
  private long position;
  private boolean isEscaped;

  /// As what somebody attaches.
  static final class Manner {
    @Option(names = "--watch", description = "Shows the console, and types nothing.")
    private boolean watch;

    @Option(names = "--take-over", description = "Types, also if somebody else did so far.")
    private boolean takeOver;

    private Wish wish() {
      if (watch) {
        return Wish.WATCH;
      }
      return takeOver ? Wish.TAKE_OVER : Wish.WRITE;
    }
  }

  @Override
  public Integer call() throws UserError {
    try {
      if (distant.isWanted()) {
        try (RemoteConsole console = distant.attach(partition, manner.wish(), from)) {
          serve(console);
        }
      } else {
        try (ControlClient platform = control.connect()) {
          serve(platform.attach(partition, who(), manner.wish(), from));
        }
      }
      return 0;
    } catch (IOException e) {
      throw new UserError(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private void serve(ConsoleEnd console) throws IOException {
    if (Terminal.is(Terminal.Stream.INPUT)) {
      attachTerminal(console);
    } else {
      attach(console);
    }
  }

  private static String who() {
    return System.getProperty("user.name") + " (" + ProcessHandle.current().pid() + ")";
  }

  private void attachTerminal(ConsoleEnd console) throws IOException {
    System.err.println("attached to " + partition + "; Ctrl-] q detaches, Ctrl-] t takes over");
    try (TerminalState state = TerminalState.save()) {
      state.unbuffered();
      attach(console);
    }
    System.err.printf("%ndetached; --from %d goes on from here%n", position);
  }

  /// Shows what comes until the person leaves or the platform ends.
  private void attach(ConsoleEnd console) throws IOException {
    Thread keyboard = Thread.ofPlatform().daemon().name("keyboard").start(() -> type(console));
    try {
      PrintStream out = System.out;
      Optional<Output> output = console.next();
      while (output.isPresent()) {
        switch (output.get()) {
          case Guest guest -> {
            out.write(guest.bytes(), 0, guest.bytes().length);
            position = guest.next();
          }
          case Notice(String text) -> System.err.println("\r\n[" + text + "]");
        }
        out.flush();
        output = console.next();
      }
    } finally {
      keyboard.interrupt();
    }
  }

  private void type(ConsoleEnd console) {
    try {
      byte[] keys = new byte[4096];
      boolean stays = true;
      while (stays) {
        int count = System.in.read(keys);
        stays = count >= 0 && typed(console, keys, count);
      }
      console.leave();
    } catch (IOException ended) {
      LOG.log(Level.DEBUG, "no more is typed", ended);
    }
  }

  /// @return whether the person stays
  private boolean typed(ConsoleEnd console, byte[] keys, int count) throws IOException {
    int start = 0;
    for (int i = 0; i < count; i++) {
      if (isEscaped) {
        isEscaped = false;
        start = i + 1;
        if (!escaped(console, keys[i])) {
          return false;
        }
      } else if (keys[i] == ESCAPE) {
        send(console, keys, start, i);
        start = count;
        isEscaped = true;
      }
    }
    send(console, keys, start, count);
    return true;
  }

  /// @return whether the person stays
  private static boolean escaped(ConsoleEnd console, byte key) throws IOException {
    switch (key) {
      case 't' -> console.takeOver();
      case ESCAPE -> console.type("\u001d");
      case 'q' -> {
        return false;
      }
      default -> System.err.println("\r\n[Ctrl-] q detaches, Ctrl-] t takes over]");
    }
    return true;
  }

  private void send(ConsoleEnd console, byte[] keys, int from, int to) throws IOException {
    String text = keyText.take(keys, from, to);
    if (!text.isEmpty() && !manner.watch) {
      console.type(text);
    }
  }
}
