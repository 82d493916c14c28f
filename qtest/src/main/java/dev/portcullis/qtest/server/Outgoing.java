package dev.portcullis.qtest.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/// Lines on their way to the peer. Answers wait until there is nothing more to carry out, so that a
/// peer that sends many commands at once is answered at once; what happens by itself goes at once.
final class Outgoing {
  private static final int ENOUGH_BYTES = 64 << 10;

  private final WritableByteChannel channel;
  private final Thread session = Thread.currentThread();
  private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
  private boolean broken;

  /// Of the session that runs on this thread.
  Outgoing(WritableByteChannel channel) {
    this.channel = channel;
  }

  /// Adds a line. From another thread than the session's it goes out now.
  synchronized void line(String text) {
    waiting.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    waiting.write('\n');
    if (waiting.size() >= ENOUGH_BYTES || Thread.currentThread() != session) {
      flush();
    }
  }

  /// Sends what waits. A peer that is gone is noticed by whoever reads from it.
  synchronized void flush() {
    if (waiting.size() == 0) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(waiting.toByteArray());
    waiting.reset();
    try {
      while (!broken && bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException gone) {
      broken = true;
    }
  }

  /// Whether the peer takes no more.
  synchronized boolean isBroken() {
    return broken;
  }
}
