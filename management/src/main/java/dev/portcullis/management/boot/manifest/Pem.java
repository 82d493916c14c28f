package dev.portcullis.management.boot.manifest;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// Keys as text: RFC 7468.
final class Pem {
  private static final int LINE_CHARACTERS = 64;

  private Pem() {}

  static String write(String label, byte[] der) {
    byte[] end = {'\n'};
    String body = Base64.getMimeEncoder(LINE_CHARACTERS, end).encodeToString(der);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, body, label);
  }

  /// @throws IllegalArgumentException if it is no such text
  static byte[] read(String label, byte[] text) {
    String all = new String(text, StandardCharsets.US_ASCII).strip();
    String begin = "-----BEGIN " + label + "-----";
    String end = "-----END " + label + "-----";
    if (!all.startsWith(begin) || !all.endsWith(end) || all.length() < begin.length() * 2) {
      throw new IllegalArgumentException("it has no lines \"" + begin + "\" and \"" + end + "\"");
    }
    return Base64.getMimeDecoder()
        .decode(all.substring(begin.length(), all.length() - end.length()));
  }
}
