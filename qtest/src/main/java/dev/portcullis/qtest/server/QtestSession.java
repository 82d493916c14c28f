package dev.portcullis.qtest.server;

import dev.portcullis.qtest.wire.LineCutter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.HashMap;
import java.util.Map;

/// One connection: reads lines, carries them out, answers, until the peer is gone.
///
/// No line makes it throw: what cannot be understood or is too large is answered by `FAIL` and the
/// reason. Where QEMU ends itself over a malformed line, this goes on.
public final class QtestSession {
  /// Longest line: the longest write there is, and its other words.
  static final int LINE_LIMIT_BYTES = 2 * MemoryCommands.LIMIT_BYTES + 1024;

  private static final int RECEIVE_BYTES = 64 << 10;
  private static final int QUOTED_CHARS = 64;

  private final ByteChannel channel;
  private final Outgoing outgoing;
  private final InterruptCommands interrupts;
  private final Map<String, Command> commands = new HashMap<>();

  private QtestSession(ByteChannel channel, QtestMachine machine) {
    this.channel = channel;
    this.outgoing = new Outgoing(channel);
    this.interrupts = new InterruptCommands(machine, outgoing::line);
    new MemoryCommands(machine).addTo(commands);
    new ClockCommands(machine.time()).addTo(commands);
    interrupts.addTo(commands);
    commands.put("endianness", _ -> "OK little");
    commands.put("module_load", _ -> "FAIL");
  }

  /// Serves the peer at the other end of `channel` on this thread until it is gone.
  ///
  /// @throws IOException if the connection breaks, other than by its end
  public static void serve(ByteChannel channel, QtestMachine machine) throws IOException {
    new QtestSession(channel, machine).run();
  }

  private void run() throws IOException {
    LineCutter lines =
        new LineCutter(
            LINE_LIMIT_BYTES,
            new LineCutter.Receiver() {
              @Override
              public void line(String text) {
                outgoing.line(answer(text));
              }

              @Override
              public void overlongLine() {
                outgoing.line("FAIL line longer than " + LINE_LIMIT_BYTES + " bytes");
              }
            });
    ByteBuffer received = ByteBuffer.allocateDirect(RECEIVE_BYTES);
    try {
      while (!outgoing.isBroken() && channel.read(received) >= 0) {
        lines.take(received.flip());
        received.clear();
        outgoing.flush();
      }
    } finally {
      interrupts.end();
    }
  }

  private String answer(String line) {
    Words words = Words.of(line);
    Command command = commands.get(words.command());
    try {
      return command == null ? unknown(words.command()) : command.run(words);
    } catch (Refused refused) {
      return "FAIL " + refused.getMessage();
    }
  }

  private static String unknown(String command) {
    String quoted = command.substring(0, Math.min(command.length(), QUOTED_CHARS));
    return "FAIL Unknown command '" + quoted.replaceAll("[^ -~]", "?") + "'";
  }
}
