package dev.portcullis.spec.dmar;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// One device, or one bridge and all below it, that a remapping structure speaks of.
///
/// ```
///   0      1        2       3     4       5      6…
///  +------+--------+-------+-----+-------+------+-----------------------------+
///  | type | length | flags |  0  | enum. | bus  | (device, function) pairs …  |
///  +------+--------+-------+-----+-------+------+-----------------------------+
/// ```
///
/// @param type the type's number, 0 to 255; see [#kind()]
/// @param flags properties of the device, 0 to 255; 0 outside of [Sidp]
/// @param enumerationId I/O APIC id, HPET number or ACPI device number; 0 for PCI devices
/// @param startBus bus the path starts on, 0 to 255
/// @param path one hop per bridge and one for the device itself; at least one, at most 124
/// @vtd 8.3.1 Device Scope Structure
public record DeviceScope(int type, int flags, int enumerationId, int startBus, List<Hop> path) {
  private static final int FIXED_BYTES = 6;
  private static final int MAX_HOPS = (255 - FIXED_BYTES) / 2;

  /// What a scope can name.
  public enum Kind {
    PCI_ENDPOINT(1),
    /// A bridge and everything below it.
    PCI_SUB_HIERARCHY(2),
    IO_APIC(3),
    /// A block of timers that can send message-signalled interrupts.
    HPET(4),
    ACPI_DEVICE(5);

    private final int type;

    Kind(int type) {
      this.type = type;
    }

    /// The number that stands for it in the table.
    public int type() {
      return type;
    }
  }

  /// One step of a path: a bridge on the way, or at the end the device.
  ///
  /// @param device 0 to 255; 0 to 31 in a sound table
  /// @param function 0 to 255; 0 to 7 in a sound table
  public record Hop(int device, int function) {
    public Hop {
      Layout.requireByte("device", device);
      Layout.requireByte("function", function);
    }
  }

  public DeviceScope {
    Layout.requireByte("type", type);
    Layout.requireByte("flags", flags);
    Layout.requireByte("enumeration id", enumerationId);
    Layout.requireByte("start bus", startBus);
    path = List.copyOf(path);
    if (path.isEmpty() || path.size() > MAX_HOPS) {
      throw new IllegalArgumentException("a path has 1 to " + MAX_HOPS + " hops");
    }
  }

  /// The scope of the function `bus`:`device`.`function` of a root bus.
  public static DeviceScope endpoint(int bus, int device, int function) {
    return new DeviceScope(Kind.PCI_ENDPOINT.type(), 0, 0, bus, List.of(new Hop(device, function)));
  }

  /// What the type's number means; empty for a number that has no meaning yet.
  public Optional<Kind> kind() {
    return Arrays.stream(Kind.values()).filter(kind -> kind.type() == type).findFirst();
  }

  /// Size in the table.
  public int lengthBytes() {
    return FIXED_BYTES + 2 * path.size();
  }

  void encode(ByteBuffer out) {
    out.put((byte) type).put((byte) lengthBytes()).put((byte) flags).put((byte) 0);
    out.put((byte) enumerationId).put((byte) startBus);
    for (Hop hop : path) {
      out.put((byte) hop.device()).put((byte) hop.function());
    }
  }

  static int lengthBytes(List<DeviceScope> scopes) {
    return scopes.stream().mapToInt(DeviceScope::lengthBytes).sum();
  }

  /// Decodes the scopes that fill `in` from `offset` to its end.
  static List<DeviceScope> decodeAll(Bytes in, int offset) throws MalformedDmarException {
    List<DeviceScope> scopes = new ArrayList<>();
    int at = offset;
    while (at < in.length()) {
      int length = in.u8(at + 1);
      if (length < FIXED_BYTES + 2 || length % 2 != 0) {
        throw in.malformed(at + 1, "a device scope of " + length + " bytes");
      }
      scopes.add(decode(in.slice(at, length)));
      at += length;
    }
    return List.copyOf(scopes);
  }

  private static DeviceScope decode(Bytes in) throws MalformedDmarException {
    List<Hop> path = new ArrayList<>();
    for (int at = FIXED_BYTES; at < in.length(); at += 2) {
      path.add(new Hop(in.u8(at), in.u8(at + 1)));
    }
    return new DeviceScope(in.u8(0), in.u8(2), in.u8(4), in.u8(5), path);
  }
}
