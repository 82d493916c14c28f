package dev.portcullis.guest.pci;

/// A function lacks what is needed of it.
public final class PciException extends Exception {
  private static final long serialVersionUID = 1;

  /// @param message what it lacks, for people
  public PciException(PciDevice device, String message) {
    super("function " + device + ": " + message);
  }
}
