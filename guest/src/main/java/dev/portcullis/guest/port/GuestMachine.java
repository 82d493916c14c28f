package dev.portcullis.guest.port;

/// The machine a partition's software runs on.
public interface GuestMachine {

  Processor processor();

  InterruptController interrupts();

  /// How much memory there is, in bytes, from address 0 on.
  long ramBytes();

  /// Where software may put the windows of devices: guest physical address of the first byte.
  long windowBase();

  /// How long that place is, in bytes.
  long windowBytes();
}
