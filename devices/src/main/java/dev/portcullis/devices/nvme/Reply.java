package dev.portcullis.devices.nvme;

/// What becomes of a command: a status and a dword for the host, or nothing for now. One object
/// serves all commands of a queue.
final class Reply {
  private Status status = Status.SUCCESS;
  private int dword0;
  private boolean held;

  void clear() {
    status = Status.SUCCESS;
    dword0 = 0;
    held = false;
  }

  void end(Status how) {
    status = how;
  }

  /// Success, with something to say.
  void succeed(int value) {
    status = Status.SUCCESS;
    dword0 = value;
  }

  /// No completion now: somebody else posts it some time.
  void hold() {
    held = true;
  }

  Status status() {
    return status;
  }

  int dword0() {
    return dword0;
  }

  boolean isHeld() {
    return held;
  }
}
