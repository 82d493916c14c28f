package dev.portcullis.machine.description;

/// A machine description cannot be used. The message is one line: file, path in the file, what is
/// wrong, and what would be right.
public final class MachineFileException extends Exception {
  private static final long serialVersionUID = 1L;

  MachineFileException(String file, String path, String reason) {
    super(file + ": " + (path.isEmpty() ? "" : path + ": ") + reason);
  }
}
