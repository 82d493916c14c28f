package dev.portcullis.devices.testdev;

/// What the result register says.
enum Result {
  GOOD(0),
  IDLE(0xffff_ffff),
  ARMED(0xffff_fffe),
  NO_LENGTH(0xdead_0001),
  WRITE_REFUSED(0xdead_0002),
  READ_REFUSED(0xdead_0003),
  MISMATCH(0xdead_0004),
  NOT_ARMED(0xdead_0005),
  BAD_ATTRIBUTES(0xdead_0006);

  private final int code;

  Result(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
