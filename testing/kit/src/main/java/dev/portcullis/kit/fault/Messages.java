package dev.portcullis.kit.fault;

import dev.portcullis.unit.event.MessageSink;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The interrupt messages a unit sent.
public final class Messages implements MessageSink {
  private final List<Message> sent = new ArrayList<>();
  private Consumer<Message> listener = message -> {};

  /// One of them.
  public record Message(long address, int data) {
    @Override
    public String toString() {
      return "%#x to %#x".formatted(data, address);
    }
  }

  /// None yet.
  public Messages() {}

  @Override
  public synchronized void send(long address, int data) {
    Message message = new Message(address, data);
    listener.accept(message);
    sent.add(message);
  }

  /// Has `then` look at each message at the moment it is sent.
  public synchronized void onSend(Consumer<Message> then) {
    listener = then;
  }

  /// Those since the last call.
  public synchronized List<Message> take() {
    List<Message> taken = List.copyOf(sent);
    sent.clear();
    return taken;
  }
}
