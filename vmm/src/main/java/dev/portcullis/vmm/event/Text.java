package dev.portcullis.vmm.event;

/// Keeps strings that others chose within bounds, and such that they can be written as UTF-8.
final class Text {
  private static final int LABEL_CHARS = 256;
  private static final char REPLACEMENT = '\ufffd';

  private Text() {}

  /// A name: cut at 256 characters.
  static String label(String text) {
    return bounded(text, LABEL_CHARS);
  }

  /// `text`, cut at `most` characters, with halves of surrogate pairs replaced.
  static String bounded(String text, int most) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), most));
    int at = 0;
    while (at < text.length()) {
      int codePoint = text.codePointAt(at);
      int chars = Character.charCount(codePoint);
      if (out.length() + chars > most) {
        // The last one makes room for the sign that something is missing.
        out.setLength(out.offsetByCodePoints(out.length(), -1));
        return out.append('…').toString();
      }
      boolean half = chars == 1 && Character.isSurrogate((char) codePoint);
      out.appendCodePoint(half ? REPLACEMENT : codePoint);
      at += chars;
    }
    return out.toString();
  }
}
