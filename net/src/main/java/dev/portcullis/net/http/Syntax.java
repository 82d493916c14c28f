package dev.portcullis.net.http;

/// What names and values are made of (RFC 9110, 5.6.2 and 5.5).
final class Syntax {
  private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

  private Syntax() {}

  static boolean isToken(String text) {
    return !text.isEmpty()
        && text.chars().allMatch(c -> isLetterOrDigit(c) || TOKEN_MARKS.indexOf(c) >= 0);
  }

  private static boolean isLetterOrDigit(int c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
  }

  static boolean isFieldValue(String text) {
    return text.chars().allMatch(c -> c == '\t' || c >= ' ' && c != 0x7f && c <= 0xff);
  }

  /// What a request is for: a path, with no blanks or controls.
  static boolean isTarget(String text) {
    return text.startsWith("/") && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  /// A number of at most 18 digits and nothing else.
  ///
  /// @return the number, or -1
  static long number(String digits) {
    boolean sound =
        !digits.isEmpty()
            && digits.length() <= 18
            && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    return sound ? Long.parseLong(digits) : -1;
  }

  /// A hexadecimal number of at most 15 digits and nothing else.
  ///
  /// @return the number, or -1
  static long hex(String digits) {
    boolean sound =
        !digits.isEmpty()
            && digits.length() <= 15
            && digits.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 0x80);
    return sound ? Long.parseLong(digits, 16) : -1;
  }
}
