package dev.portcullis.vmm.filter;

import dev.portcullis.vmm.filter.rule.Chain;
import dev.portcullis.vmm.filter.rule.Chain.Base;
import dev.portcullis.vmm.filter.rule.Chain.Policy;
import dev.portcullis.vmm.filter.rule.Comparison;
import dev.portcullis.vmm.filter.rule.Element;
import dev.portcullis.vmm.filter.rule.Element.Name;
import dev.portcullis.vmm.filter.rule.Element.Span;
import dev.portcullis.vmm.filter.rule.Field;
import dev.portcullis.vmm.filter.rule.NamedSet;
import dev.portcullis.vmm.filter.rule.NamedSet.Content;
import dev.portcullis.vmm.filter.rule.Operand;
import dev.portcullis.vmm.filter.rule.Part;
import dev.portcullis.vmm.filter.rule.Part.Counter;
import dev.portcullis.vmm.filter.rule.RejectWith;
import dev.portcullis.vmm.filter.rule.Rule;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.Table;
import dev.portcullis.vmm.filter.rule.Unit;
import dev.portcullis.vmm.filter.rule.Value;
import dev.portcullis.vmm.filter.rule.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// Rulesets and frames by chance, of few values, so that they meet.
final class RandomRules {
  static final List<String> PORTS = List.of("user", "uplink", "other");
  private static final Value NET6 = new Value(0x2001_0db8_0000_0000L, 0);

  /// Whether parts occur whose effect depends on what happened before.
  enum Kind {
    OF_ONE_FRAME,
    ALL
  }

  private final SplittableRandom random;
  private final Kind kind;

  RandomRules(SplittableRandom random, Kind kind) {
    this.random = random;
    this.kind = kind;
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private <T> T one(T[] of) {
    return of[random.nextInt(of.length)];
  }

  private boolean once(int in) {
    return random.nextInt(in) == 0;
  }

  Ruleset ruleset() {
    List<Table> tables = new ArrayList<>();
    for (int i = random.nextInt(1, 3); i > 0; i--) {
      tables.add(table("t" + i));
    }
    return new Ruleset(tables);
  }

  private Table table(String name) {
    List<NamedSet> sets = new ArrayList<>();
    for (ValueType type : ValueType.values()) {
      if (type.setName().isPresent() && once(2)) {
        Content content = type.isOrdered() ? one(Content.values()) : Content.SINGLE;
        List<Element> elements = elements(type, content == Content.INTERVALS, 6);
        sets.add(new NamedSet("s_" + type.setName().get(), type, content, elements));
      }
    }
    List<Chain> chains = new ArrayList<>();
    int helpers = random.nextInt(5);
    for (int i = 0; i < helpers; i++) {
      chains.add(new Chain("c" + i, Optional.empty(), rules(sets, i + 1, helpers)));
    }
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      Base base = new Base(one(Hook.values()), random.nextInt(-2, 3), one(Policy.values()));
      chains.add(new Chain("base" + i, Optional.of(base), rules(sets, 0, helpers)));
    }
    return new Table(name, sets, chains);
  }

  private List<Rule> rules(List<NamedSet> sets, int firstHelper, int helpers) {
    List<Rule> rules = new ArrayList<>();
    for (int i = random.nextInt(7); i > 0; i--) {
      List<Part> parts = new ArrayList<>();
      for (int match = random.nextInt(3); match > 0; match--) {
        parts.add(once(6) ? flags() : match(sets));
      }
      if (kind == Kind.ALL && once(4)) {
        parts.add(stateful());
      }
      if (once(2)) {
        parts.add(new Counter(random.nextInt(3), random.nextInt(300)));
      }
      if (parts.isEmpty() || !once(4)) {
        parts.add(verdict(firstHelper, helpers));
      }
      rules.add(new Rule(parts, once(5) ? "rule " + i : ""));
    }
    return rules;
  }

  private Part verdict(int firstHelper, int helpers) {
    if (firstHelper < helpers && !once(3)) {
      String chain = "c" + random.nextInt(firstHelper, helpers);
      return once(2) ? new Part.Jump(chain) : new Part.Goto(chain);
    }
    return once(6) ? new Part.Reject(one(RejectWith.values())) : one(Part.Simple.values());
  }

  private Part stateful() {
    return switch (random.nextInt(3)) {
      case 0 -> new Part.Log(once(2) ? "" : "seen: ");
      case 1 ->
          new Part.Limit(
              one(Part.Side.values()),
              random.nextInt(1, 100),
              one(Unit.values()),
              random.nextInt(1, 9));
      default -> {
        List<Element> states = elements(ValueType.CONNECTION_STATE, false, 3);
        Comparison comparison = once(2) ? Comparison.EQUAL : Comparison.NOT_EQUAL;
        yield new Part.Match(Field.CONNECTION_STATE, comparison, new Operand.Inline(states));
      }
    };
  }

  private Part flags() {
    int mask = random.nextInt(1, 256);
    return switch (one(Part.FlagTest.values())) {
      case ANY -> new Part.Flags(Part.FlagTest.ANY, mask, 0);
      case EQUAL -> new Part.Flags(Part.FlagTest.EQUAL, mask, mask & random.nextInt(256));
      case NOT_EQUAL -> new Part.Flags(Part.FlagTest.NOT_EQUAL, mask, mask & random.nextInt(256));
    };
  }

  private Part match(List<NamedSet> sets) {
    Field field = one(Field.values());
    while (field == Field.CONNECTION_STATE) {
      field = one(Field.values());
    }
    ValueType type = field.type();
    if (type.isOrdered() && once(3)) {
      Value value = value(type);
      return new Part.Match(field, one(Comparison.values()), Operand.of(new Span(value, value)));
    }
    Comparison comparison = once(3) ? Comparison.NOT_EQUAL : Comparison.EQUAL;
    for (NamedSet set : sets) {
      if (set.type() == type && once(2)) {
        return new Part.Match(field, comparison, new Operand.Named(set.name()));
      }
    }
    List<Element> elements = elements(type, type.isOrdered(), 4);
    return new Part.Match(field, comparison, new Operand.Inline(elements));
  }

  /// Elements that do not overlap: one at least.
  private List<Element> elements(ValueType type, boolean ranges, int most) {
    List<Element> elements = new ArrayList<>();
    for (int i = random.nextInt(1, most + 1); i > 0; i--) {
      Element next = type.isName() ? new Name(one(PORTS)) : span(type, ranges && once(2));
      boolean apart =
          elements.stream()
              .noneMatch(e -> e.equals(next) || e instanceof Span s && s.overlaps((Span) next));
      if (apart) {
        elements.add(next);
      }
    }
    return elements;
  }

  private Span span(ValueType type, boolean range) {
    Value from = value(type);
    if (!range) {
      return new Span(from, from);
    }
    if (once(2)) {
      int free = random.nextInt(Math.min(type.bits(), 70));
      return new Span(from.withoutLowBits(free), from.withLowBits(free));
    }
    Value to = value(type);
    return from.compareTo(to) <= 0 ? new Span(from, to) : new Span(to, from);
  }

  private Value value(ValueType type) {
    return switch (type) {
      case IPV4 -> Value.of(ip());
      case IPV6 -> ip6();
      case MAC -> Value.of(mac());
      case PORT -> Value.of(port());
      case PROTOCOL -> Value.of(one(List.of(1, 6, 17, 58, 132)));
      case ETHER_TYPE -> Value.of(one(List.of(0x800, 0x806, 0x86dd, 0x8100, 0x88cc)));
      case CONNECTION_STATE -> Value.of(random.nextInt(5));
      case PACKET_TYPE -> Value.of(random.nextInt(1, 4));
      case LENGTH -> Value.of(random.nextInt(80));
      case ICMP_TYPE -> Value.of(one(List.of(0, 3, 8)));
      case ICMPV6_TYPE -> Value.of(one(List.of(1, 128, 129)));
      case INTERFACE -> throw new AssertionError("a name");
      default -> Value.of(random.nextInt(Math.min(8, 1 << type.bits())));
    };
  }

  private long ip() {
    return 0x0a09_0000L + random.nextInt(6);
  }

  private Value ip6() {
    return new Value(NET6.high() + random.nextInt(2), random.nextInt(4));
  }

  private long mac() {
    return once(4) ? 0xffff_ffff_ffffL : Sketch.USER + random.nextInt(4);
  }

  private int port() {
    return random.nextInt(78, 84);
  }

  Hook hook() {
    return one(Hook.values());
  }

  String port(boolean known) {
    return known ? one(PORTS) : "";
  }

  int vlanId() {
    return random.nextInt(1, 8);
  }

  Sketch frame() {
    Sketch sketch = Sketch.between(Sketch.USER + random.nextInt(4), mac());
    if (once(3)) {
      sketch.tag(random.nextInt(8), random.nextInt(8));
    }
    if (once(6)) {
      return once(2) ? sketch.text(0x88cc) : sketch.arp(random.nextInt(1, 3), ip(), ip());
    }
    boolean six = once(3);
    int protocol = one(List.of(six ? 58 : 1, 6, 17, 132));
    int hops = random.nextInt(8);
    Sketch packet =
        six ? sketch.ip6(ip6(), ip6(), protocol, hops) : sketch.ip(ip(), ip(), protocol, hops);
    return switch (protocol) {
      case 6 -> packet.tcp(port(), port(), random.nextInt(256));
      case 17 -> packet.udp(port(), port());
      case 1 -> packet.icmp(one(List.of(0, 3, 8)), random.nextInt(4), 1);
      case 58 -> packet.icmp(one(List.of(1, 128, 129)), random.nextInt(4), 1);
      default -> packet;
    };
  }
}
