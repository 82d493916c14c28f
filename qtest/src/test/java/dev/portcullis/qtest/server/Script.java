package dev.portcullis.qtest.server;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A peer that has sent everything already, and hangs up.
final class Script implements ByteChannel {
  private final ByteBuffer input;
  private final int piece;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();

  /// @param piece bytes that arrive at a time
  private Script(byte[] input, int piece) {
    this.input = ByteBuffer.wrap(input);
    this.piece = piece;
  }

  /// What `machine` answers to these bytes.
  static List<String> run(QtestMachine machine, byte[] bytes, int piece) throws Exception {
    Script script = new Script(bytes, piece);
    QtestSession.serve(script, machine);
    return script.output.toString(StandardCharsets.ISO_8859_1).lines().toList();
  }

  /// What `machine` answers to these lines.
  static List<String> run(QtestMachine machine, String... lines) throws Exception {
    byte[] bytes = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.ISO_8859_1);
    return run(machine, bytes, 100);
  }

  @Override
  public int read(ByteBuffer into) {
    if (!input.hasRemaining()) {
      return -1;
    }
    int count = Math.min(piece, Math.min(input.remaining(), into.remaining()));
    into.put(input.slice(input.position(), count));
    input.position(input.position() + count);
    return count;
  }

  @Override
  public int write(ByteBuffer from) {
    byte[] bytes = new byte[from.remaining()];
    from.get(bytes);
    output.writeBytes(bytes);
    return bytes.length;
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() {}
}
