package dev.portcullis.vmm.event;

import java.io.IOException;

/// Where events go. One thread at a time calls it, but for [#close], which may come at any time and
/// ends a call that waits.
public interface EventSink extends AutoCloseable {

  /// For people: what it is, and where it leads.
  String name();

  /// Takes one event. May wait; may be called again with the same event after it has failed.
  ///
  /// @throws IOException if the event may not have arrived
  void accept(Event event) throws IOException;

  /// Called when no more events wait: what was taken is to be kept for good.
  ///
  /// @throws IOException if that cannot be said
  default void flush() throws IOException {}

  @Override
  void close() throws IOException;
}
