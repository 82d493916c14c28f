package dev.portcullis.vmm.filter.text;

import dev.portcullis.vmm.filter.rule.Element;
import dev.portcullis.vmm.filter.rule.Element.Name;
import dev.portcullis.vmm.filter.rule.Element.Span;
import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.rule.Value;
import dev.portcullis.vmm.filter.rule.ValueType;
import dev.portcullis.vmm.filter.text.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads values of one kind: alone, as ranges and prefixes, and in braces.
final class ValueText {
  private final Tokens in;
  private final ValueType type;

  ValueText(Tokens in, ValueType type) {
    this.in = in;
    this.type = type;
  }

  /// Values between braces; lines may end anywhere.
  List<Element> parseBraces() throws RulesetException {
    in.want("{");
    List<Element> elements = new ArrayList<>();
    in.skipLines();
    while (!in.takes("}")) {
      elements.add(parseOne());
      in.skipLines();
      if (!in.isAt("}")) {
        in.want(",");
        in.skipLines();
      }
    }
    return elements;
  }

  /// Values with commas between them.
  List<Element> parseList() throws RulesetException {
    List<Element> elements = new ArrayList<>();
    do {
      elements.add(parseOne());
    } while (in.takes(","));
    return elements;
  }

  Element parseOne() throws RulesetException {
    int line = in.line();
    if (type.isName()) {
      return new Name(in.isAt(Kind.QUOTED) ? in.take().text() : in.word("a port's name"));
    }
    String word = in.word(Values.wanted(type));
    if (in.takes("-")) {
      String end = in.word(Values.wanted(type));
      return new Span(value(word, line), value(end, line));
    }
    Optional<Value> plain = Values.parse(type, word);
    if (plain.isPresent()) {
      return new Span(plain.get(), plain.get());
    }
    int slash = word.indexOf('/');
    if (slash >= 0) {
      return prefix(word, slash, line);
    }
    for (int dash = word.indexOf('-'); dash >= 0; dash = word.indexOf('-', dash + 1)) {
      Optional<Value> low = Values.parse(type, word.substring(0, dash));
      Optional<Value> high = Values.parse(type, word.substring(dash + 1));
      if (low.isPresent() && high.isPresent()) {
        return new Span(low.get(), high.get());
      }
    }
    throw wrong(word, line);
  }

  private Value value(String word, int line) throws RulesetException {
    return Values.parse(type, word).orElseThrow(() -> wrong(word, line));
  }

  private RulesetException wrong(String word, int line) {
    return in.error(line, Values.wanted(type) + " is wanted, not \"" + word + "\"");
  }

  private Span prefix(String word, int slash, int line) throws RulesetException {
    Value low = value(word.substring(0, slash), line);
    long length = in.number(word.substring(slash + 1), "the length of a prefix", line);
    boolean address = type == ValueType.IPV4 || type == ValueType.IPV6;
    if (!address || length > type.bits()) {
      throw in.error(line, "\"" + word + "\" is no prefix");
    }
    int free = type.bits() - (int) length;
    if (!low.withoutLowBits(free).equals(low)) {
      String meant = Values.print(type, low.withoutLowBits(free)) + "/" + length;
      throw in.error(line, "\"%s\" has bits behind its prefix: write %s".formatted(word, meant));
    }
    return new Span(low, low.withLowBits(free));
  }
}
