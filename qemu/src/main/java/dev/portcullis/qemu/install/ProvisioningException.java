package dev.portcullis.qemu.install;

/// QEMU, a kernel or a tool could not be provided. The message is one line for a person, and says
/// what to do about it.
public final class ProvisioningException extends Exception {

  private static final long serialVersionUID = 1L;

  public ProvisioningException(String message) {
    super(message);
  }

  public ProvisioningException(String message, Throwable cause) {
    super(message, cause);
  }
}
