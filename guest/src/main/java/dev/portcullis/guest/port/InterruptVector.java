package dev.portcullis.guest.port;

/// An interrupt that a device may send: the message that software programs into it.
public interface InterruptVector extends AutoCloseable {

  /// Where the message goes: what an entry of an MSI-X table has for its address.
  long address();

  /// What is written there.
  int data();

  /// Gives the vector back: its handler does not run any more.
  @Override
  void close();
}
