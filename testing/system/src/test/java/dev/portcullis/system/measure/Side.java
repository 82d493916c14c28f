package dev.portcullis.system.measure;

import dev.portcullis.qemu.guest.GuestSession;

/// One of the two that are compared: a machine that can be booted again and again.
interface Side extends AutoCloseable {
  /// Boots, and waits until the guest takes commands. An earlier guest is ended.
  GuestSession boot() throws Exception;

  /// The guest that was booted last.
  GuestSession guest();

  @Override
  void close();
}
