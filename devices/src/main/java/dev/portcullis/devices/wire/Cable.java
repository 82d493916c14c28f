package dev.portcullis.devices.wire;

import dev.portcullis.net.Link;
import java.util.function.Consumer;

/// A cable between two cards: what is sent into one end comes out of the other, at once, on the
/// thread of the sender. It holds nothing: a card that is too slow drops what it cannot keep, and
/// holds nobody up. Where nobody listens frames are lost.
public final class Cable {
  private final End one = new End();
  private final End other = new End();

  public Cable() {
    one.opposite = other;
    other.opposite = one;
  }

  public Link one() {
    return one;
  }

  public Link other() {
    return other;
  }

  private static final class End implements Link {
    private End opposite;
    private volatile Consumer<byte[]> receiver = frame -> {};

    @Override
    public void connect(Consumer<byte[]> to) {
      receiver = to;
    }

    @Override
    public void send(byte[] frame) {
      opposite.receiver.accept(frame);
    }
  }
}
