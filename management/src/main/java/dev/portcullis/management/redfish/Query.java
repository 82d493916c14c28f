package dev.portcullis.management.redfish;

/// Which members of a collection are wanted.
///
/// @param skip how many are left out
/// @param top how many come at most
record Query(int skip, int top) {
  static final int MOST = 100;

  /// What stands behind the question mark; what is not known there counts for nothing.
  ///
  /// @throws IllegalArgumentException if a number is none
  static Query of(String query) {
    int skip = 0;
    int top = MOST;
    if (query != null) {
      for (String part : query.split("&", 16)) {
        if (part.startsWith("$skip=")) {
          skip = number(part);
        } else if (part.startsWith("$top=")) {
          top = Math.min(MOST, number(part));
        }
      }
    }
    return new Query(skip, top);
  }

  private static int number(String part) {
    String text = part.substring(part.indexOf('=') + 1);
    if (!text.matches("[0-9]{1,9}")) {
      throw new IllegalArgumentException("\"" + part + "\": a whole number is needed there");
    }
    return Integer.parseInt(text);
  }
}
