package dev.portcullis.qemu.run;

/// QEMU or its guest did not do what was asked: it did not start, ended, refused a command, or let
/// a time limit pass. The message says which, with the last lines it wrote where that helps.
public sealed class QemuException extends Exception permits QemuRefusal {

  private static final long serialVersionUID = 1L;

  public QemuException(String message) {
    super(message);
  }

  public QemuException(String message, Throwable cause) {
    super(message, cause);
  }
}
