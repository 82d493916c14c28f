package dev.portcullis.vmm.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One record, as a line: a JSON object whose last member is the hash of the object without it.
///
/// ```
///   {"seq":7,"time":"…","kind":"event","prev":"⟨hash of record 6⟩",…,"hash":"⟨64 digits⟩"}
///   └──────────────────── hashed, with } after it ────────────────┘
/// ```
///
/// @param log identifier of the log: only a first record has it
record AuditLine(
    long sequence, Instant time, RecordKind kind, String previous, String log, String hash) {
  private static final byte[] BEFORE_HASH = ",\"hash\":\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] AFTER_HASH = "\"}".getBytes(StandardCharsets.US_ASCII);
  private static final int HASH_DIGITS = 64;
  private static final int TAIL_BYTES = BEFORE_HASH.length + HASH_DIGITS + AFTER_HASH.length;
  private static final String HASH = "[0-9a-f]{64}";

  /// One that says the same thing twice says nothing.
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .build();

  /// A record as it is written, and its place.
  record Encoded(byte[] bytes, Head head) {}

  /// Encodes the record after `before`.
  ///
  /// @param content further members
  static Encoded encode(Head before, Instant time, RecordKind kind, Map<String, Object> content) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("seq", before.sequence() + 1);
    members.put("time", time.toString());
    members.put("kind", kind.word());
    members.put("prev", before.hash());
    members.putAll(content);
    byte[] hashed = JSON.writeValueAsBytes(members);
    String hash = sha256(hashed);
    byte[] bytes = Arrays.copyOf(hashed, hashed.length - 1 + TAIL_BYTES);
    int at = hashed.length - 1;
    System.arraycopy(BEFORE_HASH, 0, bytes, at, BEFORE_HASH.length);
    at += BEFORE_HASH.length;
    System.arraycopy(hash.getBytes(StandardCharsets.US_ASCII), 0, bytes, at, HASH_DIGITS);
    System.arraycopy(AFTER_HASH, 0, bytes, at + HASH_DIGITS, AFTER_HASH.length);
    return new Encoded(bytes, new Head(before.log(), before.sequence() + 1, hash));
  }

  /// Reads a line whose hash holds.
  ///
  /// @throws BrokenException if it does not, or it is no record
  static AuditLine decode(byte[] line) throws BrokenException {
    int end = line.length - TAIL_BYTES;
    if (end < 1
        || !matches(line, end, BEFORE_HASH)
        || !matches(line, line.length - AFTER_HASH.length, AFTER_HASH)) {
      throw new BrokenException("no record: it does not end with a hash");
    }
    String hash =
        new String(line, end + BEFORE_HASH.length, HASH_DIGITS, StandardCharsets.US_ASCII);
    byte[] hashed = Arrays.copyOf(line, end + 1);
    hashed[end] = '}';
    if (!hash.equals(sha256(hashed))) {
      throw new BrokenException("the record was changed: its hash does not hold");
    }
    return decode(hashed, hash);
  }

  private static AuditLine decode(byte[] object, String hash) throws BrokenException {
    try {
      JsonNode json = JSON.readTree(object);
      JsonNode sequence = json.path("seq");
      String previous = json.path("prev").asString("");
      if (!sequence.isIntegralNumber() || !sequence.canConvertToLong() || !previous.matches(HASH)) {
        throw new BrokenException("no record: \"seq\" or \"prev\" is missing");
      }
      String word = json.path("kind").asString("");
      RecordKind kind =
          RecordKind.of(word)
              .orElseThrow(() -> new BrokenException("no record: kind \"%s\"".formatted(word)));
      return new AuditLine(
          sequence.asLong(),
          Instant.parse(json.path("time").asString("")),
          kind,
          previous,
          json.path("log").asString(""),
          hash);
    } catch (JacksonException | DateTimeException e) {
      throw new BrokenException("no record: not JSON, or without time");
    }
  }

  private static boolean matches(byte[] line, int at, byte[] expected) {
    return Arrays.equals(line, at, at + expected.length, expected, 0, expected.length);
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
