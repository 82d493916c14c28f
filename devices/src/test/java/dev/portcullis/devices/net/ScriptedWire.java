package dev.portcullis.devices.net;

import dev.portcullis.net.Link;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// A wire whose far end is the test.
final class ScriptedWire implements Link {
  private final List<byte[]> sent = new CopyOnWriteArrayList<>();
  private volatile Consumer<byte[]> card = frame -> {};

  ScriptedWire() {}

  @Override
  public void connect(Consumer<byte[]> receiver) {
    card = receiver;
  }

  @Override
  public void send(byte[] frame) {
    sent.add(frame);
  }

  /// What the card has sent.
  List<byte[]> sent() {
    return List.copyOf(sent);
  }

  /// Has a frame come out of the wire.
  void deliver(byte[] frame) {
    card.accept(frame);
  }
}
