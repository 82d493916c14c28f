package dev.portcullis.vmm.platform.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/// Lines of text on a socket, no longer than they may be.
final class Lines {
  private static final int MOST_BYTES = 4 << 20;

  private final SocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocate(8192).limit(0);

  Lines(SocketChannel channel) {
    this.channel = channel;
  }

  /// The next line, without its end; `null` at the end of all.
  ///
  /// @throws IOException if the line is longer than 4 MiB
  String read() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      while (in.hasRemaining()) {
        byte b = in.get();
        if (b == '\n') {
          return line.toString(StandardCharsets.UTF_8);
        }
        line.write(b);
      }
      if (line.size() > MOST_BYTES) {
        throw new IOException("a line of more than 4 MiB");
      }
      in.clear();
      int count = channel.read(in);
      in.flip();
      if (count < 0) {
        return null;
      }
    }
  }

  /// Several threads may write.
  synchronized void write(String line) throws IOException {
    ByteBuffer out = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (out.hasRemaining()) {
      channel.write(out);
    }
  }

  /// Writes no more: the other side reads the end.
  void end() throws IOException {
    channel.shutdownOutput();
  }
}
