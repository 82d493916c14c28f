package dev.portcullis.vmm.platform;

import dev.portcullis.net.Link;
import java.util.function.Consumer;

/// A cable between two virtual network cards. What is sent into one end comes out of the other, at
/// once; where nobody listens it is lost.
final class VirtualCable {
  private final End one = new End();
  private final End other = new End();

  VirtualCable() {
    one.opposite = other;
    other.opposite = one;
  }

  Link one() {
    return one;
  }

  Link other() {
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
