package dev.portcullis.management.boot.log;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// What the platform configuration registers of a TPM hold when the events of a log were extended
/// into them: each new value is the SHA-256 of the one before and the event's digest.
public final class PcrBank {
  static final int REGISTERS = 24;

  private PcrBank() {}

  /// The registers that `events` are extended into, in lower-case hexadecimal.
  public static SortedMap<Integer, String> replay(List<LoggedEvent> events) {
    SortedMap<Integer, byte[]> registers = new TreeMap<>();
    MessageDigest sha256 = sha256();
    for (LoggedEvent event : events) {
      if (event.type() != LogEventType.EV_NO_ACTION.code()) {
        byte[] before = registers.getOrDefault(event.register(), new byte[32]);
        sha256.update(before);
        registers.put(event.register(), sha256.digest(event.digest()));
      }
    }
    SortedMap<Integer, String> texts = new TreeMap<>();
    registers.forEach((number, value) -> texts.put(number, HexFormat.of().formatHex(value)));
    return texts;
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
