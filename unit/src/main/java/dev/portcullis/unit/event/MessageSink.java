package dev.portcullis.unit.event;

/// Where interrupt messages go: a doubleword write of `data` to `address`.
///
/// Called on the thread of a device or of a register access, without any lock of the unit but the
/// one that keeps messages in order. It must not wait for another access to the unit, nor for a
/// request to leave it.
@FunctionalInterface
public interface MessageSink {
  void send(long address, int data);
}
