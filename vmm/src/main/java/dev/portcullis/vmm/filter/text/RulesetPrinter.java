package dev.portcullis.vmm.filter.text;

import dev.portcullis.vmm.filter.rule.Chain;
import dev.portcullis.vmm.filter.rule.Comparison;
import dev.portcullis.vmm.filter.rule.Element;
import dev.portcullis.vmm.filter.rule.NamedSet;
import dev.portcullis.vmm.filter.rule.NamedSet.Content;
import dev.portcullis.vmm.filter.rule.Operand.Inline;
import dev.portcullis.vmm.filter.rule.Operand.Named;
import dev.portcullis.vmm.filter.rule.Part;
import dev.portcullis.vmm.filter.rule.Part.Counter;
import dev.portcullis.vmm.filter.rule.Part.FlagTest;
import dev.portcullis.vmm.filter.rule.Part.Flags;
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
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.Table;
import dev.portcullis.vmm.filter.rule.ValueType;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Writes rulesets, as [RulesetParser] reads them and `nft list ruleset` writes them.
final class RulesetPrinter {
  private static final int ALL_FLAGS = 0xff;

  private final StringBuilder text = new StringBuilder();

  private RulesetPrinter() {}

  static String print(Ruleset ruleset) {
    RulesetPrinter printer = new RulesetPrinter();
    ruleset.tables().forEach(printer::table);
    return printer.text.toString();
  }

  private void line(int depth, String words) {
    text.append("\t".repeat(depth)).append(words).append('\n');
  }

  private void table(Table table) {
    line(0, "table bridge " + table.name() + " {");
    String between = "";
    for (NamedSet set : table.sets()) {
      text.append(between);
      between = "\n";
      set(set);
    }
    for (Chain chain : table.chains()) {
      text.append(between);
      between = "\n";
      chain(chain);
    }
    line(0, "}");
  }

  private void set(NamedSet set) {
    line(1, "set " + set.name() + " {");
    line(2, "type " + set.type().setName().orElseThrow());
    if (set.content() == Content.INTERVALS) {
      line(2, "flags interval");
    }
    if (!set.elements().isEmpty()) {
      line(2, "elements = " + braces(set.type(), set.elements()));
    }
    line(1, "}");
  }

  private void chain(Chain chain) {
    line(1, "chain " + chain.name() + " {");
    chain
        .base()
        .ifPresent(base ->
            line(
                2,
                "type filter hook %s priority %d; policy %s;"
                    .formatted(base.hook().word(), base.priority(), base.policy().word())));
    for (Rule rule : chain.rules()) {
      line(2, print(rule));
    }
    line(1, "}");
  }

  static String print(Rule rule) {
    String comment = rule.comment().isEmpty() ? "" : " comment \"" + rule.comment() + "\"";
    return rule.parts().stream().map(RulesetPrinter::part).collect(Collectors.joining(" "))
        + comment;
  }

  private static String part(Part part) {
    return switch (part) {
      case Match match -> match(match);
      case Flags flags -> flags(flags);
      case Limit limit ->
          "limit rate %s%d/%s burst %d packets"
              .formatted(
                  limit.side() == Side.OVER ? "over " : "",
                  limit.frames(),
                  limit.unit().word(),
                  limit.burst());
      case Counter(long frames, long bytes) ->
          "counter packets %d bytes %d".formatted(frames, bytes);
      case Log(String prefix) -> prefix.isEmpty() ? "log" : "log prefix \"" + prefix + "\"";
      case Simple simple -> simple.name().toLowerCase(Locale.ROOT);
      case Reject(RejectWith with) ->
          with == RejectWith.PORT_UNREACHABLE ? "reject" : "reject with " + with.words();
      case Jump(String chain) -> "jump " + chain;
      case Goto(String chain) -> "goto " + chain;
    };
  }

  private static String match(Match match) {
    String sign = match.comparison() == Comparison.EQUAL ? "" : match.comparison().sign() + " ";
    String with =
        switch (match.operand()) {
          case Named(String set) -> "@" + set;
          case Inline(List<Element> elements) -> values(match, elements);
        };
    return match.field().words() + " " + sign + with;
  }

  private static String values(Match match, List<Element> elements) {
    ValueType type = match.field().type();
    if (elements.size() == 1) {
      return Values.print(type, elements.getFirst());
    }
    boolean list = type == ValueType.CONNECTION_STATE && match.comparison() == Comparison.EQUAL;
    return list ? joined(type, elements, ",") : braces(type, elements);
  }

  private static String braces(ValueType type, List<Element> elements) {
    return "{ " + joined(type, elements, ", ") + " }";
  }

  private static String joined(ValueType type, List<Element> elements, String between) {
    return elements.stream()
        .map(element -> Values.print(type, element))
        .collect(Collectors.joining(between));
  }

  private static String flags(Flags flags) {
    if (flags.test() == FlagTest.ANY) {
      return "tcp flags " + Flag.print(flags.mask(), ",");
    }
    String sign = flags.test() == FlagTest.EQUAL ? "==" : "!=";
    if (flags.mask() == ALL_FLAGS && flags.value() != 0) {
      return "tcp flags %s %s".formatted(sign, Flag.print(flags.value(), ","));
    }
    return "tcp flags & %s %s %s".formatted(mask(flags.mask()), sign, mask(flags.value()));
  }

  private static String mask(int flags) {
    return flags == 0 ? "0x0" : "(" + Flag.print(flags, " | ") + ")";
  }
}
