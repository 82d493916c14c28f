package dev.portcullis.vmm.filter;

import dev.portcullis.vmm.filter.rule.Chain;
import dev.portcullis.vmm.filter.rule.Chain.Policy;
import dev.portcullis.vmm.filter.rule.Comparison;
import dev.portcullis.vmm.filter.rule.Element;
import dev.portcullis.vmm.filter.rule.Element.Name;
import dev.portcullis.vmm.filter.rule.Element.Span;
import dev.portcullis.vmm.filter.rule.Field;
import dev.portcullis.vmm.filter.rule.Operand;
import dev.portcullis.vmm.filter.rule.Part;
import dev.portcullis.vmm.filter.rule.Rule;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.Table;
import dev.portcullis.vmm.filter.rule.Value;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/// Rules read out loud: one after the other, element by element, as a person would. Without
/// connections, limits and logs.
final class NaiveRules {
  private enum Says {
    ACCEPT,
    DROP,
    REJECT,
    NOTHING
  }

  private record Seat(Table table, Chain chain) {}

  private final Ruleset ruleset;
  private final Map<Rule, Long> counted = new IdentityHashMap<>();

  NaiveRules(Ruleset ruleset) {
    this.ruleset = ruleset;
  }

  /// How often the counters of a rule, which has no two the same, were reached.
  long counted(Rule rule) {
    return counted.getOrDefault(rule, 0L);
  }

  Decision judge(Hook hook, Sketch frame, int vlanId, String in, String out) {
    Map<Field, Value> values = frame.values();
    values.put(Field.VLAN_ID, Value.of(vlanId));
    List<Seat> seats = new ArrayList<>();
    for (Table table : ruleset.tables()) {
      for (Chain chain : table.chains()) {
        if (chain.base().isPresent() && chain.base().get().hook() == hook) {
          seats.add(new Seat(table, chain));
        }
      }
    }
    seats.sort(Comparator.comparing(seat -> seat.chain.base().orElseThrow().priority()));
    for (Seat seat : seats) {
      Frame asked = new Frame(seat.table, values, frame.tcpFlags(), in, out);
      Says says = asked.ask(seat.chain);
      if (says == Says.NOTHING) {
        Policy policy = seat.chain.base().orElseThrow().policy();
        says = policy == Policy.ACCEPT ? Says.ACCEPT : Says.DROP;
      }
      if (says != Says.ACCEPT) {
        return says == Says.REJECT ? Decision.REJECT : Decision.DROP;
      }
    }
    return Decision.ACCEPT;
  }

  private final class Frame {
    private final Table table;
    private final Map<Field, Value> values;
    private final int tcpFlags;
    private final String in;
    private final String out;

    Frame(Table table, Map<Field, Value> values, int tcpFlags, String in, String out) {
      this.table = table;
      this.values = values;
      this.tcpFlags = tcpFlags;
      this.in = in;
      this.out = out;
    }

    private Says ask(String name) {
      for (Chain chain : table.chains()) {
        if (chain.name().equals(name)) {
          return ask(chain);
        }
      }
      throw new AssertionError(name);
    }

    private Says ask(Chain chain) {
      for (Rule rule : chain.rules()) {
        for (Part part : rule.parts()) {
          if (part instanceof Part.Match match && !matches(match)) {
            break;
          }
          if (part instanceof Part.Flags flags && !matches(flags)) {
            break;
          }
          if (part instanceof Part.Counter) {
            counted.merge(rule, 1L, Long::sum);
          }
          if (part == Part.Simple.ACCEPT) {
            return Says.ACCEPT;
          }
          if (part == Part.Simple.DROP) {
            return Says.DROP;
          }
          if (part == Part.Simple.RETURN) {
            return Says.NOTHING;
          }
          if (part instanceof Part.Reject) {
            return Says.REJECT;
          }
          if (part instanceof Part.Goto go) {
            return ask(go.chain());
          }
          if (part instanceof Part.Jump jump && ask(jump.chain()) instanceof Says s) {
            if (s != Says.NOTHING) {
              return s;
            }
          }
        }
      }
      return Says.NOTHING;
    }

    private boolean matches(Part.Flags flags) {
      if (tcpFlags < 0) {
        return false;
      }
      for (int bit = 1; bit < 256; bit <<= 1) {
        boolean asked = (flags.mask() & bit) != 0;
        boolean set = (tcpFlags & bit) != 0;
        boolean wanted = (flags.value() & bit) != 0;
        if (flags.test() == Part.FlagTest.ANY && asked && set) {
          return true;
        }
        if (flags.test() != Part.FlagTest.ANY && asked && set != wanted) {
          return flags.test() == Part.FlagTest.NOT_EQUAL;
        }
      }
      return flags.test() == Part.FlagTest.EQUAL;
    }

    private boolean matches(Part.Match match) {
      if (match.field() == Field.IN || match.field() == Field.OUT) {
        String name = match.field() == Field.IN ? in : out;
        boolean known = elements(match.operand()).contains(new Name(name));
        return !name.isEmpty() && known == (match.comparison() == Comparison.EQUAL);
      }
      Value value = values.get(match.field());
      return value != null && matches(number(value), match);
    }

    private boolean matches(BigInteger value, Part.Match match) {
      boolean found = false;
      BigInteger first = null;
      for (Element element : elements(match.operand())) {
        Span span = (Span) element;
        first = number(span.low());
        found |= value.compareTo(first) >= 0 && value.compareTo(number(span.high())) <= 0;
      }
      return switch (match.comparison()) {
        case EQUAL -> found;
        case NOT_EQUAL -> !found;
        case LESS -> value.compareTo(first) < 0;
        case GREATER -> value.compareTo(first) > 0;
        case AT_MOST -> value.compareTo(first) <= 0;
        case AT_LEAST -> value.compareTo(first) >= 0;
      };
    }

    private List<Element> elements(Operand operand) {
      return switch (operand) {
        case Operand.Inline(List<Element> elements) -> elements;
        case Operand.Named(String name) ->
            table.sets().stream()
                .filter(set -> set.name().equals(name))
                .findFirst()
                .orElseThrow()
                .elements();
      };
    }
  }

  private static BigInteger number(Value value) {
    BigInteger high = new BigInteger(Long.toUnsignedString(value.high()));
    return high.shiftLeft(64).add(new BigInteger(Long.toUnsignedString(value.low())));
  }
}
