package dev.portcullis.vmm.filter.text;

/// A word of a ruleset's text.
///
/// @param text without the quotes, if it had some
/// @param line from 1
record Token(Kind kind, String text, int line) {
  enum Kind {
    /// Letters, digits, and what addresses, ranges and names consist of.
    WORD,
    /// Something in quotes.
    QUOTED,
    /// Braces, commas, comparisons.
    SIGN,
    /// The end of a line, or a semicolon.
    SEPARATOR,
    /// The end of the text.
    END
  }

  /// For messages.
  String shown() {
    return switch (kind) {
      case WORD, SIGN -> "\"" + text + "\"";
      case QUOTED -> "the text \"" + text + "\"";
      case SEPARATOR -> text.equals(";") ? "\";\"" : "the end of the line";
      case END -> "the end of the file";
    };
  }
}
