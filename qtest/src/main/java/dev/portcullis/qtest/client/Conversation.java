package dev.portcullis.qtest.client;

import dev.portcullis.qtest.wire.LineCutter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;

/// Commands out, answers in, both at the same time: neither end waits for the other to read.
final class Conversation implements AutoCloseable {
  /// Commands wait for company up to this.
  private static final int ENOUGH_BYTES = 32 << 10;

  private static final int RECEIVE_BYTES = 64 << 10;
  private static final int LINE_LIMIT_BYTES = 64 << 20;

  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;
  private final long limitNanos;
  private final Consumer<String> events;
  private final LineCutter lines;
  private final Queue<Reply> due = new ArrayDeque<>();
  private final ByteArrayOutputStream unsent = new ByteArrayOutputStream();
  private final ByteBuffer received = ByteBuffer.allocateDirect(RECEIVE_BYTES);
  private QtestException refusal;

  /// @param limit how long the machine may be silent when it owes an answer
  /// @param events takes the lines that are no answers
  Conversation(SocketChannel channel, Duration limit, Consumer<String> events) throws IOException {
    this.channel = channel;
    this.limitNanos = limit.toNanos();
    this.events = events;
    this.lines = new LineCutter(LINE_LIMIT_BYTES, new Answers());
    channel.configureBlocking(false);
    selector = Selector.open();
    key = channel.register(selector, SelectionKey.OP_READ);
  }

  private final class Answers implements LineCutter.Receiver {
    @Override
    public void line(String text) {
      if (text.startsWith("IRQ ")) {
        events.accept(text);
      } else if (due.isEmpty()) {
        refusal = new QtestException("an answer to nothing: " + text);
      } else {
        due.remove().complete(text);
      }
    }

    @Override
    public void overlongLine() {
      refusal = new QtestException("an answer longer than 64 MiB");
    }
  }

  /// Asks; the answer comes when somebody waits for it, or for a later one.
  Reply send(String command) throws QtestException {
    Reply reply = new Reply(this, command);
    unsent.writeBytes(command.getBytes(StandardCharsets.ISO_8859_1));
    unsent.write('\n');
    due.add(reply);
    if (unsent.size() >= ENOUGH_BYTES) {
      transfer();
    }
    return reply;
  }

  /// Waits until `reply` is there.
  void await(Reply reply) throws QtestException {
    if (!reply.isThere()) {
      transfer();
    }
  }

  /// Waits for all answers that are due.
  void transfer() throws QtestException {
    ByteBuffer outgoing = ByteBuffer.wrap(unsent.toByteArray());
    unsent.reset();
    try {
      long deadline = System.nanoTime() + limitNanos;
      while (outgoing.hasRemaining() || !due.isEmpty()) {
        if (step(outgoing)) {
          deadline = System.nanoTime() + limitNanos;
        } else if (System.nanoTime() - deadline > 0) {
          throw new QtestException("no answer within " + Duration.ofNanos(limitNanos));
        }
      }
    } catch (IOException gone) {
      throw new QtestException("the machine is gone: " + gone.getMessage(), gone);
    }
    if (refusal != null) {
      throw refusal;
    }
  }

  /// @return whether anything has moved
  private boolean step(ByteBuffer outgoing) throws IOException, QtestException {
    if (outgoing.hasRemaining() && channel.write(outgoing) > 0) {
      return true;
    }
    key.interestOps(
        outgoing.hasRemaining()
            ? SelectionKey.OP_READ | SelectionKey.OP_WRITE
            : SelectionKey.OP_READ);
    selector.select(Math.max(1, limitNanos / 1_000_000));
    selector.selectedKeys().clear();
    int count = channel.read(received.clear());
    if (count < 0) {
      throw new QtestException("the machine has closed the connection");
    }
    lines.take(received.flip());
    return count > 0;
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
