package dev.portcullis.qemu.run;

/// QEMU is well, and does not do what it was asked to.
public final class QemuRefusal extends QemuException {
  private static final long serialVersionUID = 1L;

  public QemuRefusal(String message) {
    super(message);
  }
}
