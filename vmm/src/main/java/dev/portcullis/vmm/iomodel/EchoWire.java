package dev.portcullis.vmm.iomodel;

import dev.portcullis.net.Link;
import java.util.function.Consumer;

/// A wire that gives each frame back at once, to whom it came from.
final class EchoWire implements Link {
  private static final int ADDRESS_BYTES = 6;

  private volatile Consumer<byte[]> receiver = frame -> {};

  EchoWire() {}

  @Override
  public void connect(Consumer<byte[]> to) {
    receiver = to;
  }

  @Override
  public void send(byte[] frame) {
    byte[] answer = frame.clone();
    System.arraycopy(frame, 0, answer, ADDRESS_BYTES, ADDRESS_BYTES);
    System.arraycopy(frame, ADDRESS_BYTES, answer, 0, ADDRESS_BYTES);
    receiver.accept(answer);
  }
}
