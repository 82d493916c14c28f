package dev.portcullis.vmm.filter.text;

import dev.portcullis.vmm.filter.Hook;
import dev.portcullis.vmm.filter.rule.Chain;
import dev.portcullis.vmm.filter.rule.Chain.Base;
import dev.portcullis.vmm.filter.rule.Chain.Policy;
import dev.portcullis.vmm.filter.rule.Element;
import dev.portcullis.vmm.filter.rule.NamedSet;
import dev.portcullis.vmm.filter.rule.NamedSet.Content;
import dev.portcullis.vmm.filter.rule.Place;
import dev.portcullis.vmm.filter.rule.Rule;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.rule.Table;
import dev.portcullis.vmm.filter.rule.ValueType;
import dev.portcullis.vmm.filter.text.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads tables, sets and chains.
///
/// ```
/// ruleset = { "flush ruleset" | table }
/// table   = "table bridge" name "{" { set | chain } "}"
/// set     = "set" name "{" "type" type [ "flags interval" ] [ "elements =" "{" values "}" ] "}"
/// chain   = "chain" name "{" [ hook ] { rule } "}"
/// hook    = "type filter hook" name "priority" number ";" "policy" ( "accept" | "drop" )
/// ```
final class RulesetParser {
  /// Priorities that have names, in the family bridge.
  private static final Map<String, Integer> PRIORITIES =
      Map.of("dstnat", -300, "filter", -200, "out", 100, "srcnat", 300);

  private final Tokens in;
  private final Map<Place, Integer> lines;
  private final RuleParser rules;
  private String table = "";

  /// @param lines is told where things are
  RulesetParser(Tokens in, Map<Place, Integer> lines) {
    this.in = in;
    this.lines = lines;
    this.rules = new RuleParser(in);
  }

  Ruleset parse() throws RulesetException {
    List<Table> tables = new ArrayList<>();
    for (in.skipSeparators(); !in.isAt(Kind.END); in.skipSeparators()) {
      if (in.takes("flush")) {
        in.want("ruleset");
        if (!tables.isEmpty()) {
          throw in.error("a ruleset replaces all others: \"flush ruleset\" comes first");
        }
      } else {
        in.want("table");
        tables.add(parseTable());
      }
    }
    return new Ruleset(tables);
  }

  private Table parseTable() throws RulesetException {
    if (!in.takes("bridge")) {
      throw in.unexpected("the family \"bridge\", which is all there is,");
    }
    int line = in.line();
    table = in.word("the table's name");
    lines.putIfAbsent(new Place(table, "", 0), line);
    in.want("{");
    List<NamedSet> sets = new ArrayList<>();
    List<Chain> chains = new ArrayList<>();
    for (in.skipSeparators(); !in.takes("}"); in.skipSeparators()) {
      if (in.takes("set")) {
        sets.add(parseSet());
      } else if (in.takes("chain")) {
        chains.add(parseChain());
      } else {
        throw in.unexpected("\"set\", \"chain\" or \"}\"");
      }
    }
    return new Table(table, sets, chains);
  }

  /// Of two things of one name, the second is in the wrong place.
  private String name(String what) throws RulesetException {
    int line = in.line();
    String name = in.word(what);
    lines.put(new Place(table, name, 0), line);
    in.want("{");
    return name;
  }

  private NamedSet parseSet() throws RulesetException {
    int line = in.line();
    String name = name("the set's name");
    Optional<ValueType> type = Optional.empty();
    Content content = Content.SINGLE;
    List<Element> elements = List.of();
    for (in.skipSeparators(); !in.takes("}"); in.skipSeparators()) {
      if (in.takes("type")) {
        type = Optional.of(parseType());
      } else if (in.takes("flags")) {
        in.want("interval");
        content = Content.INTERVALS;
      } else if (in.takes("elements")) {
        if (type.isEmpty()) {
          throw in.error("the set's type comes before its elements");
        }
        in.want("=");
        elements = new ValueText(in, type.get()).parseBraces();
      } else {
        throw in.unexpected("\"type\", \"flags interval\", \"elements\" or \"}\"");
      }
      in.endStatement("the line");
    }
    if (type.isEmpty()) {
      throw in.error(line, "the set " + name + " has no type");
    }
    return new NamedSet(name, type.get(), content, elements);
  }

  private ValueType parseType() throws RulesetException {
    List<String> known = new ArrayList<>();
    for (ValueType type : ValueType.values()) {
      if (type.setName().isPresent()) {
        if (in.takes(type.setName().get())) {
          return type;
        }
        known.add(type.setName().get());
      }
    }
    throw in.unexpected("one of " + String.join(", ", known));
  }

  private Chain parseChain() throws RulesetException {
    String name = name("the chain's name");
    in.skipSeparators();
    Optional<Base> base = in.takes("type") ? Optional.of(parseBase()) : Optional.empty();
    List<Rule> all = new ArrayList<>();
    for (in.skipSeparators(); !in.takes("}"); in.skipSeparators()) {
      if (in.isAt("type") || in.isAt("policy")) {
        throw in.error("\"" + in.peek().text() + "\" comes before the chain's rules, and once");
      }
      lines.put(new Place(table, name, all.size() + 1), in.line());
      all.add(rules.parse());
      in.endStatement("the rule");
    }
    return new Chain(name, base, all);
  }

  private Base parseBase() throws RulesetException {
    in.want("filter");
    in.want("hook");
    Hook hook = parseHook();
    in.want("priority");
    int priority = parsePriority();
    if (!in.isAt(Kind.SEPARATOR)) {
      throw in.unexpected("\";\"");
    }
    in.skipSeparators();
    if (!in.takes("policy")) {
      throw in.unexpected("\"policy accept\" or \"policy drop\"");
    }
    for (Policy policy : Policy.values()) {
      if (in.takes(policy.word())) {
        in.endStatement("the policy");
        return new Base(hook, priority, policy);
      }
    }
    throw in.unexpected("\"accept\" or \"drop\"");
  }

  private Hook parseHook() throws RulesetException {
    for (Hook hook : Hook.values()) {
      if (in.takes(hook.word())) {
        return hook;
      }
    }
    throw in.unexpected("one of prerouting, input, forward, output, postrouting");
  }

  private int parsePriority() throws RulesetException {
    int line = in.line();
    String word = in.word("a number, or one of " + PRIORITIES.keySet().stream().sorted().toList());
    Integer named = PRIORITIES.get(word);
    if (named == null) {
      boolean negative = word.startsWith("-");
      return signed(negative, in.number(negative ? word.substring(1) : word, "a priority", line));
    }
    if (in.takes("+")) {
      return named + signed(false, in.number("a number"));
    }
    if (in.takes("-")) {
      return named + signed(true, in.number("a number"));
    }
    return named;
  }

  private int signed(boolean negative, long number) throws RulesetException {
    if (number > 1_000_000) {
      throw in.error("a priority beyond 1000000");
    }
    return (int) (negative ? -number : number);
  }
}
