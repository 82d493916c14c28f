package dev.portcullis.pci;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Who sends a request: bus, device and function number, 16 bits on the wire.
///
/// @param bus 0 to 255
/// @param device 0 to 31
/// @param function 0 to 7
/// @pcie 2.2.6.2 Transaction Descriptor - Transaction ID Field
public record RequesterId(int bus, int device, int function) {
  private static final Pattern TEXT =
      Pattern.compile("(?:([0-9a-fA-F]{1,2}):)?([01]?[0-9a-fA-F])\\.([0-7])");

  public RequesterId {
    if ((bus & ~0xff) != 0 || (device & ~0x1f) != 0 || (function & ~7) != 0) {
      throw new IllegalArgumentException(
          "no such function: " + bus + ":" + device + "." + function);
    }
  }

  /// The requester whose 16-bit id is `id`: bus in [15:8], device in [7:3], function in [2:0].
  public static RequesterId of(int id) {
    return new RequesterId(id >> 8 & 0xff, id >> 3 & 0x1f, id & 7);
  }

  /// Reads `bus:device.function` or `device.function`, numbers in hexadecimal, as `lspci` writes
  /// them.
  ///
  /// @throws IllegalArgumentException if `text` is neither
  public static RequesterId parse(String text) {
    Matcher m = TEXT.matcher(text);
    if (!m.matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not bus:device.function in hexadecimal, such as 00:05.0");
    }
    int bus = m.group(1) == null ? 0 : Integer.parseInt(m.group(1), 16);
    return new RequesterId(bus, Integer.parseInt(m.group(2), 16), m.group(3).charAt(0) - '0');
  }

  /// The 16-bit id: bus in [15:8], device in [7:3], function in [2:0].
  public int id() {
    return bus << 8 | device << 3 | function;
  }

  @Override
  public String toString() {
    return "%02x:%02x.%d".formatted(bus, device, function);
  }
}
