package dev.portcullis.vfiouser.wire;

/// What a message is about.
///
/// @vfiouser 0 Commands
public enum Command {
  VERSION(1),
  DMA_MAP(2),
  DMA_UNMAP(3),
  DEVICE_GET_INFO(4),
  DEVICE_GET_REGION_INFO(5),
  DEVICE_GET_REGION_IO_FDS(6),
  DEVICE_GET_IRQ_INFO(7),
  DEVICE_SET_IRQS(8),
  REGION_READ(9),
  REGION_WRITE(10),
  /// From server to client.
  DMA_READ(11),
  /// From server to client.
  DMA_WRITE(12),
  DEVICE_RESET(13),
  /// Of earlier revisions of the protocol.
  DIRTY_PAGES(14),
  REGION_WRITE_MULTI(15),
  DEVICE_FEATURE(16),
  MIG_DATA_READ(17),
  MIG_DATA_WRITE(18),
  /// Any number that is none of these.
  UNKNOWN(0);

  private static final Command[] BY_NUMBER = new Command[19];

  static {
    for (Command one : values()) {
      BY_NUMBER[one.number] = one;
    }
  }

  private final int number;

  Command(int number) {
    this.number = number;
  }

  /// The number on the wire, 1 to 18.
  public int number() {
    return number;
  }

  /// The command with that number, or [#UNKNOWN].
  public static Command of(int number) {
    return number > 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : UNKNOWN;
  }
}
