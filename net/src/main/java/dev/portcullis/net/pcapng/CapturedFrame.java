package dev.portcullis.net.pcapng;

import java.util.Optional;

/// A frame as it was captured.
///
/// @param interfaceId where: a number among the file's interfaces, from 0
/// @param timestampNanos when: nanoseconds since 1970
/// @param frame its bytes, or as many of them as were kept
/// @param originalBytes how long it was
public record CapturedFrame(
    int interfaceId,
    long timestampNanos,
    Direction direction,
    byte[] frame,
    int originalBytes,
    Optional<String> comment) {

  /// A whole frame of which there is nothing else to say.
  public static CapturedFrame of(
      int interfaceId, long timestampNanos, Direction direction, byte[] frame) {
    return new CapturedFrame(
        interfaceId, timestampNanos, direction, frame, frame.length, Optional.empty());
  }

  /// The same with a remark for people.
  public CapturedFrame withComment(String remark) {
    return new CapturedFrame(
        interfaceId, timestampNanos, direction, frame, originalBytes, Optional.of(remark));
  }
}
