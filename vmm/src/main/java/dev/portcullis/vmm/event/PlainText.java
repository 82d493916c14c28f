package dev.portcullis.vmm.event;

/// What others wrote, fit to be shown to people and put into lines.
public final class PlainText {
  private static final int REPLACEMENT = '?';

  private PlainText() {}

  /// `text` on one line: what ends a line is a space, what steers a terminal, or turns the
  /// direction of writing, is `?`; cut at `most` characters.
  public static String line(String text, int most) {
    StringBuilder line = new StringBuilder();
    text.codePoints().map(PlainText::plain).forEach(line::appendCodePoint);
    return Text.bounded(line.toString(), most);
  }

  private static int plain(int codePoint) {
    if (codePoint == '\n' || codePoint == '\t') {
      return ' ';
    }
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          REPLACEMENT;
      default -> codePoint;
    };
  }
}
