package dev.portcullis.vmm.filter.text;

import dev.portcullis.vmm.filter.rule.Comparison;
import dev.portcullis.vmm.filter.rule.Field;
import dev.portcullis.vmm.filter.rule.Operand;
import dev.portcullis.vmm.filter.rule.Operand.Inline;
import dev.portcullis.vmm.filter.rule.Operand.Named;
import dev.portcullis.vmm.filter.rule.Part;
import dev.portcullis.vmm.filter.rule.Part.Counter;
import dev.portcullis.vmm.filter.rule.Part.Goto;
import dev.portcullis.vmm.filter.rule.Part.Jump;
import dev.portcullis.vmm.filter.rule.Part.Limit;
import dev.portcullis.vmm.filter.rule.Part.Log;
import dev.portcullis.vmm.filter.rule.Part.Match;
import dev.portcullis.vmm.filter.rule.Part.Reject;
import dev.portcullis.vmm.filter.rule.Part.Side;
import dev.portcullis.vmm.filter.rule.Part.Simple;
import dev.portcullis.vmm.filter.rule.RejectWith;
import dev.portcullis.vmm.filter.rule.Rule;
import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.rule.Unit;
import dev.portcullis.vmm.filter.rule.ValueType;
import dev.portcullis.vmm.filter.text.Token.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Reads a rule.
///
/// ```
/// rule    = { match | "counter" … | "log" … | "limit rate" … } [ verdict ] [ "comment" text ]
/// match   = field [ comparison ] ( value | range | prefix | "{" values "}" | "@" set )
/// verdict = "accept" | "drop" | "return" | "reject" … | "jump" chain | "goto" chain
/// ```
final class RuleParser {
  private static final Map<String, Field> FIELDS = fields();

  private final Tokens in;

  RuleParser(Tokens in) {
    this.in = in;
  }

  private static Map<String, Field> fields() {
    Map<String, Field> fields = new HashMap<>();
    for (Field field : Field.values()) {
      fields.put(field.words(), field);
    }
    for (String other : List.of("iif", "meta iif", "meta iifname")) {
      fields.put(other, Field.IN);
    }
    for (String other : List.of("oif", "meta oif", "meta oifname")) {
      fields.put(other, Field.OUT);
    }
    return Map.copyOf(fields);
  }

  Rule parse() throws RulesetException {
    List<Part> parts = new ArrayList<>();
    String comment = "";
    while (!in.isAt(Kind.SEPARATOR) && !in.isAt("}") && !in.isAt(Kind.END)) {
      if (in.takes("comment")) {
        comment = in.quoted("the comment");
        break;
      }
      parts.add(parsePart());
    }
    return new Rule(parts, comment);
  }

  private Part parsePart() throws RulesetException {
    String word = in.isAt(Kind.WORD) ? in.peek().text() : "";
    return switch (word) {
      case "accept" -> taken(Simple.ACCEPT);
      case "drop" -> taken(Simple.DROP);
      case "return" -> taken(Simple.RETURN);
      case "reject" -> parseReject();
      case "jump" -> new Jump(parseTarget());
      case "goto" -> new Goto(parseTarget());
      case "counter" -> parseCounter();
      case "log" -> parseLog();
      case "limit" -> parseLimit();
      case "tcp" -> parseTcp();
      default -> parseMatch("");
    };
  }

  private Part taken(Part part) {
    in.take();
    return part;
  }

  private String parseTarget() throws RulesetException {
    in.take();
    return in.word("a chain's name");
  }

  private Part parseReject() throws RulesetException {
    in.take();
    if (!in.takes("with")) {
      return new Reject(RejectWith.PORT_UNREACHABLE);
    }
    String how = in.word("\"tcp reset\" or \"icmpx\"");
    if (how.equals("icmpx")) {
      in.takes("type");
    }
    String what = how + " " + in.word("what the sender is told");
    List<String> known = new ArrayList<>();
    for (RejectWith with : RejectWith.values()) {
      if (with.words().equals(what)) {
        return new Reject(with);
      }
      known.add(with.words());
    }
    throw in.error("\"%s\" is not one of %s".formatted(what, String.join(", ", known)));
  }

  private Part parseCounter() throws RulesetException {
    in.take();
    if (!in.takes("packets")) {
      return Counter.ZERO;
    }
    long frames = in.number("a number of packets");
    in.want("bytes");
    return new Counter(frames, in.number("a number of bytes"));
  }

  private Part parseLog() throws RulesetException {
    in.take();
    return new Log(in.takes("prefix") ? in.quoted("the prefix") : "");
  }

  private Part parseLimit() throws RulesetException {
    in.take();
    in.want("rate");
    Side side = in.takes("over") ? Side.OVER : Side.WITHIN;
    int line = in.line();
    String[] rate = in.word("a rate, as 10/second,").split("/", 2);
    long frames = in.number(rate[0], "a number of packets", line);
    if (rate.length == 1) {
      in.want("/");
    }
    String per = rate.length == 1 || rate[1].isEmpty() ? in.word("a unit of time") : rate[1];
    int burst = Limit.USUAL_BURST;
    if (in.takes("burst")) {
      burst = (int) Math.min(Integer.MAX_VALUE, in.number("a number of packets"));
      in.want("packets");
    }
    for (Unit unit : Unit.values()) {
      if (unit.word().equals(per)) {
        return new Limit(side, frames, unit, burst);
      }
    }
    throw in.error(line, "\"" + per + "\" is not one of second, minute, hour, day, week");
  }

  private Part parseTcp() throws RulesetException {
    in.take();
    return in.takes("flags") ? new FlagParser(in).parse() : parseMatch("tcp ");
  }

  /// @param before words that have been taken already
  private Part parseMatch(String before) throws RulesetException {
    int line = in.line();
    String words = before;
    Field field = null;
    while (field == null) {
      if (!in.isAt(Kind.WORD)) {
        throw before.isEmpty() && words.isEmpty()
            ? in.unexpected("a match, a statement or a verdict")
            : in.error(line, "\"" + words.strip() + "\" is no match that is known");
      }
      words += in.take().text();
      field = FIELDS.get(words);
      if (field == null && !isBeginning(words + " ")) {
        throw in.error(line, "\"" + words + "\" is no match, statement or verdict that is known");
      }
      words += " ";
    }
    Comparison comparison = parseComparison();
    return new Match(field, comparison, parseOperand(field, comparison));
  }

  private static boolean isBeginning(String words) {
    return FIELDS.keySet().stream().anyMatch(field -> field.startsWith(words));
  }

  private Comparison parseComparison() {
    for (Comparison comparison : Comparison.values()) {
      if (in.takes(comparison.sign())) {
        return comparison;
      }
    }
    return Comparison.EQUAL;
  }

  private Operand parseOperand(Field field, Comparison comparison) throws RulesetException {
    Token next = in.peek();
    if (next.kind() == Kind.WORD && next.text().startsWith("@")) {
      return new Named(in.take().text().substring(1));
    }
    ValueText values = new ValueText(in, field.type());
    if (in.isAt("{")) {
      return new Inline(values.parseBraces());
    }
    boolean list = field.type() == ValueType.CONNECTION_STATE && comparison == Comparison.EQUAL;
    return new Inline(list ? values.parseList() : List.of(values.parseOne()));
  }
}
