package dev.portcullis.vmm.engine;

/// A guest was not begun, since what it would boot from is not what it should be. It is FAILED,
/// with the reason.
public final class BootRefusedException extends EngineException {
  private static final long serialVersionUID = 1;

  /// @param message for people
  public BootRefusedException(String message) {
    super(message);
  }
}
