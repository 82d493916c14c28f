package dev.portcullis.guest.port;

/// The processor is without power: the access was not made, and what made it ends here. Not for
/// software to catch; it has no stack trace, for nothing is wrong with the place it came from.
public final class PoweredOffError extends Error {
  private static final long serialVersionUID = 1;

  public PoweredOffError() {
    super("powered off", null, false, false);
  }
}
