package dev.portcullis.net.host;

import dev.portcullis.net.Link;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// A cable in memory: what one end sends the other receives, on the sender's thread.
final class Cable {
  /// One end of it.
  static final class End implements Link {
    private volatile Consumer<byte[]> receiver = frame -> {};
    private volatile UnaryOperator<Consumer<byte[]>> trouble = UnaryOperator.identity();
    private End other;

    @Override
    public void connect(Consumer<byte[]> to) {
      receiver = to;
    }

    @Override
    public void send(byte[] frame) {
      trouble.apply(other.receiver).accept(frame);
    }

    /// From now on what is sent here goes through `by` on its way.
    void trouble(UnaryOperator<Consumer<byte[]>> by) {
      trouble = by;
    }
  }

  final End left = new End();
  final End right = new End();

  Cable() {
    left.other = right;
    right.other = left;
  }
}
