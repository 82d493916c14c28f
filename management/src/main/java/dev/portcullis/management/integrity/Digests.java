package dev.portcullis.management.integrity;

import dev.portcullis.vmm.memory.PageRange;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/// SHA-256 of pages, one after the other in an array.
final class Digests {
  static final int BYTES = 32;

  /// What stands for a page that is not there.
  static final byte[] ABSENT = new byte[BYTES];

  private final byte[] digests;

  Digests(PageRange range) {
    digests = new byte[Math.toIntExact(range.bytes() / PageRange.PAGE_BYTES * BYTES)];
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  int pages() {
    return digests.length / BYTES;
  }

  void put(int page, byte[] digest) {
    System.arraycopy(digest, 0, digests, page * BYTES, BYTES);
  }

  boolean has(int page, byte[] digest) {
    return Arrays.equals(digests, page * BYTES, (page + 1) * BYTES, digest, 0, BYTES);
  }

  String text(int page) {
    return text(Arrays.copyOfRange(digests, page * BYTES, (page + 1) * BYTES));
  }

  static String text(byte[] digest) {
    return Arrays.equals(digest, ABSENT) ? "not there" : HexFormat.of().formatHex(digest);
  }
}
