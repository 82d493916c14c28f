package dev.portcullis.management.access;

/// The order of Debian's package versions (deb-version(7)): `[epoch:]upstream[-revision]`, parts of
/// digits by their number, others by their characters, where `~` comes before everything, even the
/// end, and letters before the rest.
final class DebianVersion {
  private DebianVersion() {}

  /// @return less than, equal to, or greater than 0
  static int compare(String one, String other) {
    int epochs = compareParts(epoch(one), epoch(other));
    if (epochs != 0) {
      return epochs;
    }
    int upstream = compareParts(upstream(one), upstream(other));
    return upstream != 0 ? upstream : compareParts(revision(one), revision(other));
  }

  private static String epoch(String version) {
    int colon = version.indexOf(':');
    return colon < 0 ? "0" : version.substring(0, colon);
  }

  private static String upstream(String version) {
    String rest = version.substring(version.indexOf(':') + 1);
    int dash = rest.lastIndexOf('-');
    return dash < 0 ? rest : rest.substring(0, dash);
  }

  private static String revision(String version) {
    int dash = version.lastIndexOf('-');
    return dash < 0 ? "0" : version.substring(dash + 1);
  }

  private static int compareParts(String one, String other) {
    int i = 0;
    int j = 0;
    while (i < one.length() || j < other.length()) {
      while (isWord(one, i) || isWord(other, j)) {
        int words = Integer.compare(weight(one, i), weight(other, j));
        if (words != 0) {
          return words;
        }
        i += isWord(one, i) ? 1 : 0;
        j += isWord(other, j) ? 1 : 0;
      }
      int endOfOne = endOfDigits(one, i);
      int endOfOther = endOfDigits(other, j);
      int numbers = compareNumbers(one.substring(i, endOfOne), other.substring(j, endOfOther));
      if (numbers != 0) {
        return numbers;
      }
      i = endOfOne;
      j = endOfOther;
    }
    return 0;
  }

  private static boolean isDigit(String text, int at) {
    return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
  }

  private static boolean isWord(String text, int at) {
    return at < text.length() && !isDigit(text, at);
  }

  /// The end, and a digit, weigh nothing.
  private static int weight(String text, int at) {
    if (!isWord(text, at)) {
      return 0;
    }
    char c = text.charAt(at);
    boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    return c == '~' ? -1 : letter ? c : c + 256;
  }

  private static int endOfDigits(String text, int from) {
    int at = Math.min(from, text.length());
    while (isDigit(text, at)) {
      at++;
    }
    return at;
  }

  private static int compareNumbers(String one, String other) {
    String left = one.replaceFirst("^0+", "");
    String right = other.replaceFirst("^0+", "");
    return left.length() != right.length()
        ? Integer.compare(left.length(), right.length())
        : left.compareTo(right);
  }
}
