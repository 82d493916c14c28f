package dev.portcullis.machine.guest;

import dev.portcullis.pci.RequesterId;

/// A DMA that the edu device is told to do, by a guest without a driver for it: shell commands that
/// enable the device and write its registers through `/dev/mem`.
///
/// @param device place of the edu device
/// @param direction which way the data goes
/// @param iova the address the device shall use
/// @param lengthBytes 1 to 4096
public record EduDma(RequesterId device, Direction direction, long iova, int lengthBytes) {
  private static final long BUFFER = 0x40000;

  /// Which way the data goes.
  public enum Direction {
    /// The device reads memory.
    READ(1),
    /// The device writes memory.
    WRITE(3);

    private final int command;

    Direction(int command) {
      this.command = command;
    }
  }

  /// Commands that start the DMA, wait for its end, and print how it ended, as [#outcome] reads it.
  public String commands() {
    long source = direction == Direction.READ ? iova : BUFFER;
    long destination = direction == Direction.READ ? BUFFER : iova;
    return """
    device=/sys/bus/pci/devices/0000:%s
    printf '\\006' | dd of=$device/config bs=1 seek=4 count=1 conv=notrunc 2>/dev/null
    base=$(head -n 1 $device/resource | cut -d' ' -f1)
    devmem $((base + 0x80)) 64 %#x
    devmem $((base + 0x88)) 64 %#x
    devmem $((base + 0x90)) 64 %d
    devmem $((base + 0x98)) 64 %d
    tries=100
    while [ $(($(devmem $((base + 0x98)) 64) & 1)) = 1 ] && [ $tries -gt 0 ]; do
      tries=$((tries - 1))
      usleep 50000
    done
    devmem $((base + 0xa0)) 64
    """
        .formatted(device, source, destination, lengthBytes, direction.command);
  }

  /// How the device saw the DMA end.
  public enum Outcome {
    NONE,
    SUCCESS,
    UNSUPPORTED_REQUEST,
    COMPLETER_ABORT,
    OUTSIDE_BUFFER
  }

  /// Reads what [#commands] printed.
  ///
  /// @throws IllegalArgumentException if that is no outcome
  public static Outcome outcome(String printed) {
    Outcome[] outcomes = Outcome.values();
    try {
      int number = Integer.decode(printed.strip());
      if (number >= 0 && number < outcomes.length) {
        return outcomes[number];
      }
    } catch (NumberFormatException notOne) {
      throw new IllegalArgumentException("no outcome: \"" + printed + "\"", notOne);
    }
    throw new IllegalArgumentException("no outcome: \"" + printed + "\"");
  }
}
