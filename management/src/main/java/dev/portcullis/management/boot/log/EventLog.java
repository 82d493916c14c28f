package dev.portcullis.management.boot.log;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A crypto-agile event log with SHA-256 digests.
///
/// ```
///   TCG_PCR_EVENT    PCR 0, EV_NO_ACTION, SHA-1 digest of zeroes, TCG_EfiSpecIdEvent
///   TCG_PCR_EVENT2   register, type, 1 digest: SHA-256, its 32 bytes, length, data
///   …
/// ```
///
/// All numbers are little-endian: TCG PC Client Platform Firmware Profile Specification, "Event
/// Logging".
public final class EventLog {
  /// A log that is longer is none of a boot.
  public static final int MOST_BYTES = 1 << 20;

  private static final int SHA256 = 0xb;
  private static final int SHA1_BYTES = 20;
  private static final int SHA256_BYTES = 32;

  private final List<LoggedEvent> events;

  private EventLog(List<LoggedEvent> events) {
    this.events = List.copyOf(events);
  }

  /// A log of `events`.
  public static EventLog of(List<LoggedEvent> events) {
    return new EventLog(events);
  }

  /// The events behind the first one, which says what the log is.
  public List<LoggedEvent> events() {
    return events;
  }

  /// As a file.
  public byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] id = specificationId();
    ByteBuffer first = buffer(12 + SHA1_BYTES + id.length);
    first.putInt(0).putInt(LogEventType.EV_NO_ACTION.code()).put(new byte[SHA1_BYTES]);
    first.putInt(id.length).put(id);
    out.writeBytes(first.array());
    for (LoggedEvent event : events) {
      byte[] data = event.data();
      ByteBuffer one = buffer(18 + SHA256_BYTES + data.length);
      one.putInt(event.register()).putInt(event.type()).putInt(1).putShort((short) SHA256);
      one.put(event.digest()).putInt(data.length).put(data);
      out.writeBytes(one.array());
    }
    return out.toByteArray();
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// What says that digests are SHA-256.
  private static byte[] specificationId() {
    ByteBuffer id = buffer(33);
    id.put("Spec ID Event03\0".getBytes(StandardCharsets.US_ASCII));
    id.putInt(0); // a client
    id.put((byte) 0).put((byte) 2).put((byte) 0); // version 2.0, no errata
    id.put((byte) 2); // numbers of the platform have 64 bits
    id.putInt(1).putShort((short) SHA256).putShort((short) SHA256_BYTES);
    id.put((byte) 0); // nothing of the vendor's
    return id.array();
  }

  /// Reads a log of the form that [#bytes] writes.
  ///
  /// @throws EventLogException if it is none; it has the offset
  public static EventLog parse(byte[] bytes) throws EventLogException {
    if (bytes.length > MOST_BYTES) {
      throw new EventLogException("longer than 1 MiB: no event log");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    byte[] head = new EventLog(List.of()).bytes();
    if (bytes.length < head.length || !Arrays.equals(bytes, 0, head.length, head, 0, head.length)) {
      throw new EventLogException("does not begin as an event log of SHA-256 digests");
    }
    in.position(head.length);
    List<LoggedEvent> events = new ArrayList<>();
    while (in.hasRemaining()) {
      int at = in.position();
      try {
        events.add(event(in));
      } catch (BufferUnderflowException cut) {
        throw new EventLogException("the event at byte " + at + " is cut");
      }
    }
    return new EventLog(events);
  }

  private static LoggedEvent event(ByteBuffer in) throws EventLogException {
    int at = in.position();
    int register = in.getInt();
    int type = in.getInt();
    if (register < 0 || register >= PcrBank.REGISTERS) {
      throw new EventLogException(
          "the event at byte %d is for register %d".formatted(at, register));
    }
    if (in.getInt() != 1 || in.getShort() != SHA256) {
      throw new EventLogException("the event at byte " + at + " has not one SHA-256 digest");
    }
    byte[] digest = new byte[SHA256_BYTES];
    in.get(digest);
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new EventLogException(
          "the event at byte %d says that it has %d bytes".formatted(at, length));
    }
    byte[] data = new byte[length];
    in.get(data);
    return new LoggedEvent(register, type, digest, data);
  }
}
