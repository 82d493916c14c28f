package dev.portcullis.vmm.filter.text;

import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.text.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/// Takes a ruleset's text apart.
final class Lexer {
  private static final String WORD_SIGNS = "_.:/@-";
  private static final String SIGNS = "{},=!<>&|()+";
  private static final List<String> DOUBLE_SIGNS = List.of("==", "!=", "<=", ">=");

  private final String file;
  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;

  private Lexer(String file, String text) {
    this.file = file;
    this.text = text;
  }

  static List<Token> tokens(String file, String text) throws RulesetException {
    Lexer lexer = new Lexer(file, text);
    while (lexer.at < text.length()) {
      lexer.next();
    }
    lexer.add(Kind.END, "");
    return lexer.tokens;
  }

  private void add(Kind kind, String word) {
    tokens.add(new Token(kind, word, line));
  }

  private void next() throws RulesetException {
    char c = text.charAt(at);
    if (c == '\n') {
      add(Kind.SEPARATOR, "\n");
      at++;
      line++;
    } else if (c == '\\' && text.startsWith("\n", at + 1)) {
      at += 2;
      line++;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      at++;
    } else if (c == '#') {
      int end = text.indexOf('\n', at);
      at = end < 0 ? text.length() : end;
    } else if (c == '"') {
      quoted();
    } else if (c == ';') {
      add(Kind.SEPARATOR, ";");
      at++;
    } else if (isWordSign(c)) {
      word();
    } else {
      sign(c);
    }
  }

  private static boolean isWordSign(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || WORD_SIGNS.indexOf(c) >= 0;
  }

  private void word() {
    int start = at;
    while (at < text.length() && isWordSign(text.charAt(at))) {
      at++;
    }
    add(Kind.WORD, text.substring(start, at));
  }

  private void quoted() throws RulesetException {
    int end = at + 1;
    while (end < text.length() && text.charAt(end) != '"' && text.charAt(end) != '\n') {
      end++;
    }
    if (end == text.length() || text.charAt(end) == '\n') {
      throw new RulesetException(file, line, "a text without its closing quote");
    }
    add(Kind.QUOTED, text.substring(at + 1, end));
    at = end + 1;
  }

  private void sign(char c) throws RulesetException {
    for (String sign : DOUBLE_SIGNS) {
      if (text.startsWith(sign, at)) {
        add(Kind.SIGN, sign);
        at += sign.length();
        return;
      }
    }
    if (SIGNS.indexOf(c) < 0) {
      String shown = c > ' ' && c < 0x7f ? String.valueOf(c) : "U+%04X".formatted((int) c);
      throw new RulesetException(file, line, "\"" + shown + "\" means nothing here");
    }
    add(Kind.SIGN, String.valueOf(c));
    at++;
  }
}
