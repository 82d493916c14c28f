package dev.portcullis.vfiouser.wire;

import dev.portcullis.linux.Errno;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/// The first message each way: major and minor version, 16 bits each, then optionally a JSON text
/// that ends with NUL.
///
/// @param capabilities those named, with their values
/// @vfiouser 1 VFIO_USER_VERSION
public record Version(int major, int minor, Map<Capability, Long> capabilities) {
  /// Bytes without the JSON text.
  public static final int BYTES = 4;

  /// The longest JSON text, NUL included, that we care to read.
  private static final int MAX_TEXT_BYTES = 16 << 10;

  public Version {
    capabilities = Collections.unmodifiableMap(copy(capabilities));
  }

  private static Map<Capability, Long> copy(Map<Capability, Long> of) {
    EnumMap<Capability, Long> copy = new EnumMap<>(Capability.class);
    copy.putAll(of);
    return copy;
  }

  /// The value of `capability`, its default if it is not named.
  public long value(Capability capability) {
    return capabilities.getOrDefault(capability, capability.fallback());
  }

  public static Version decode(MemorySegment from, long at, long lengthBytes)
      throws ProtocolException {
    if (lengthBytes < BYTES || lengthBytes > BYTES + MAX_TEXT_BYTES) {
      throw ProtocolException.unacceptable(
          Errno.EINVAL, "version message of " + lengthBytes + " bytes");
    }
    return new Version(
        Wire.u16(from, at),
        Wire.u16(from, at + 2),
        lengthBytes == BYTES
            ? Map.of()
            : CapabilityText.parse(
                from.asSlice(at + BYTES, lengthBytes - BYTES).toArray(ValueLayout.JAVA_BYTE)));
  }

  /// Writes as many of the capabilities as fit into `mostBytes`, first come first served.
  ///
  /// @param mostBytes at least [#BYTES]; a client need not have room for a longer answer than its
  ///   own message
  public long encode(MemorySegment into, long at, long mostBytes) {
    Wire.put16(into, at, major);
    Wire.put16(into, at + 2, minor);
    byte[] text = CapabilityText.write(capabilities, mostBytes - BYTES);
    MemorySegment.copy(text, 0, into, ValueLayout.JAVA_BYTE, at + BYTES, text.length);
    return BYTES + text.length;
  }
}
