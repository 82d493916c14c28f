package dev.portcullis.vmm.filter.text;

import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.text.Token.Kind;
import java.util.List;

/// The words of a text, one after the other.
final class Tokens {
  private final String file;
  private final List<Token> all;
  private int at;

  Tokens(String file, List<Token> all) {
    this.file = file;
    this.all = all;
  }

  Token peek() {
    return all.get(at);
  }

  Token take() {
    Token token = all.get(at);
    if (token.kind() != Kind.END) {
      at++;
    }
    return token;
  }

  int line() {
    return peek().line();
  }

  boolean isAt(Kind kind) {
    return peek().kind() == kind;
  }

  /// Whether this word or sign comes next.
  boolean isAt(String text) {
    Token token = peek();
    return (token.kind() == Kind.WORD || token.kind() == Kind.SIGN) && token.text().equals(text);
  }

  /// Takes this word or sign, if it comes next.
  boolean takes(String text) {
    boolean there = isAt(text);
    if (there) {
      take();
    }
    return there;
  }

  void want(String text) throws RulesetException {
    if (!takes(text)) {
      throw unexpected("\"" + text + "\"");
    }
  }

  /// A word.
  ///
  /// @param what it is, for the message
  String word(String what) throws RulesetException {
    if (!isAt(Kind.WORD)) {
      throw unexpected(what);
    }
    return take().text();
  }

  String quoted(String what) throws RulesetException {
    if (!isAt(Kind.QUOTED)) {
      throw unexpected(what + " in quotes");
    }
    return take().text();
  }

  /// A number in decimal.
  long number(String what) throws RulesetException {
    Token token = peek();
    String word = word(what);
    return number(word, what, token.line());
  }

  long number(String word, String what, int line) throws RulesetException {
    if (!word.matches("[0-9]{1,18}")) {
      throw new RulesetException(file, line, what + " is wanted, not \"" + word + "\"");
    }
    return Long.parseLong(word);
  }

  /// Leaves out empty lines and semicolons.
  void skipSeparators() {
    while (isAt(Kind.SEPARATOR)) {
      take();
    }
  }

  /// Leaves out ends of lines where they mean nothing.
  void skipLines() {
    while (isAt(Kind.SEPARATOR) && peek().text().equals("\n")) {
      take();
    }
  }

  /// The end of a statement: a separator, or the brace that ends the block.
  void endStatement(String after) throws RulesetException {
    if (isAt(Kind.SEPARATOR)) {
      take();
    } else if (!isAt("}")) {
      throw unexpected("the end of " + after);
    }
  }

  RulesetException unexpected(String wanted) {
    return error(wanted + " is wanted, not " + peek().shown());
  }

  RulesetException error(String reason) {
    return new RulesetException(file, line(), reason);
  }

  RulesetException error(int line, String reason) {
    return new RulesetException(file, line, reason);
  }
}
