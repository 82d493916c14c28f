package dev.portcullis.vmm.filter.rule;

import dev.portcullis.vmm.filter.rule.Element.Name;
import dev.portcullis.vmm.filter.rule.Element.Span;
import dev.portcullis.vmm.filter.rule.NamedSet.Content;
import dev.portcullis.vmm.filter.rule.Operand.Inline;
import dev.portcullis.vmm.filter.rule.Operand.Named;
import dev.portcullis.vmm.filter.rule.Part.Counter;
import dev.portcullis.vmm.filter.rule.Part.FlagTest;
import dev.portcullis.vmm.filter.rule.Part.Flags;
import dev.portcullis.vmm.filter.rule.Part.Limit;
import dev.portcullis.vmm.filter.rule.Part.Log;
import dev.portcullis.vmm.filter.rule.Part.Match;
import dev.portcullis.vmm.filter.rule.Part.Verdict;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// Whether a ruleset makes sense: everything it names is there and of the right kind, jumps end,
/// and no frame needs more than a bounded number of steps.
public final class Checks {
  private static final int MOST_RULES = 16_384;
  private static final int MOST_CHAINS = 1_024;
  private static final int MOST_ELEMENTS = 262_144;
  private static final int MOST_TEXT = 127;
  private static final long MOST_FRAMES = 1_000_000_000;
  private static final int MOST_BURST = 1_000_000;
  private static final int ALL_FLAGS = 0xff;
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,62}");
  private static final Pattern PORT_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,30}");
  private static final Pattern TEXT = Pattern.compile("[^\"\\p{Cntrl}]*");

  private int rules;
  private int elements;
  private int chains;
  private long steps;

  private Checks() {}

  /// @throws RulesetException if it makes no sense: where and why
  public static void check(Ruleset ruleset) throws RulesetException {
    new Checks().checkAll(ruleset);
  }

  private void checkAll(Ruleset ruleset) throws RulesetException {
    Set<String> names = new HashSet<>();
    boolean any = false;
    for (Table table : ruleset.tables()) {
      Place place = Place.of(table);
      name(place, table.name());
      ensure(names.add(table.name()), place, "there is another table of this name");
      checkSets(table);
      checkChains(table);
      steps += Jumps.check(table);
      ensure(
          steps <= Jumps.MOST_STEPS,
          place,
          "a frame may have to take more than %d steps".formatted(Jumps.MOST_STEPS));
      any |= table.chains().stream().anyMatch(chain -> chain.base().isPresent());
    }
    ensure(any, Place.WHOLE, "no chain has a hook: every frame would pass unseen");
  }

  private static void ensure(boolean holds, Place place, String otherwise) throws RulesetException {
    if (!holds) {
      throw new RulesetException(place, otherwise);
    }
  }

  private static void name(Place place, String name) throws RulesetException {
    ensure(NAME.matcher(name).matches(), place, "\"" + name + "\" is no name");
  }

  private void checkSets(Table table) throws RulesetException {
    Set<String> names = new HashSet<>();
    for (NamedSet set : table.sets()) {
      Place place = Place.of(table, set.name());
      name(place, set.name());
      ensure(names.add(set.name()), place, "there is another set of this name");
      ensure(set.type().setName().isPresent(), place, "there are no sets of this type");
      checkElements(place, set.type(), set.elements());
      for (Element element : set.elements()) {
        boolean fits =
            set.content() == Content.INTERVALS || !(element instanceof Span s) || s.isSingle();
        ensure(fits, place, "a range needs `flags interval`");
      }
    }
  }

  private void checkElements(Place place, ValueType type, List<Element> all)
      throws RulesetException {
    elements += all.size();
    ensure(elements <= MOST_ELEMENTS, place, "more than " + MOST_ELEMENTS + " elements");
    Set<String> names = new HashSet<>();
    for (Element element : all) {
      switch (element) {
        case Name(String name) -> {
          ensure(type.isName(), place, "\"" + name + "\" is no value here");
          ensure(PORT_NAME.matcher(name).matches(), place, "\"" + name + "\" is no port's name");
          ensure(names.add(name), place, "\"" + name + "\" is there twice");
        }
        case Span(Value low, Value high) -> {
          ensure(!type.isName(), place, "a port's name is wanted, not a number");
          ensure(high.fitsIn(type.bits()), place, "a value of more than " + type.bits() + " bits");
          ensure(low.compareTo(high) <= 0, place, "a range that ends before it starts");
          boolean plain = type.isOrdered() || low.equals(high);
          ensure(plain, place, "there are no ranges of such values");
        }
      }
    }
    List<Span> spans =
        all.stream()
            .filter(Span.class::isInstance)
            .map(Span.class::cast)
            .sorted(Comparator.comparing(Span::low))
            .toList();
    for (int i = 1; i < spans.size(); i++) {
      boolean apart = !spans.get(i - 1).overlaps(spans.get(i));
      ensure(apart, place, "elements overlap: some value is there twice");
    }
  }

  private void checkChains(Table table) throws RulesetException {
    Set<String> names = new HashSet<>();
    for (Chain chain : table.chains()) {
      Place place = Place.of(table, chain.name());
      name(place, chain.name());
      ensure(names.add(chain.name()), place, "there is another chain of this name");
      ensure(++chains <= MOST_CHAINS, place, "more than " + MOST_CHAINS + " chains");
      for (int i = 0; i < chain.rules().size(); i++) {
        checkRule(table, Place.of(table, chain, i + 1), chain.rules().get(i));
      }
    }
  }

  private void checkRule(Table table, Place place, Rule rule) throws RulesetException {
    ensure(++rules <= MOST_RULES, place, "more than " + MOST_RULES + " rules");
    ensure(!rule.parts().isEmpty(), place, "an empty rule");
    text(place, rule.comment());
    for (int i = 0; i < rule.parts().size(); i++) {
      Part part = rule.parts().get(i);
      boolean last = i == rule.parts().size() - 1;
      ensure(last || !(part instanceof Verdict), place, "nothing may follow a verdict");
      checkPart(table, place, part);
    }
  }

  private static void text(Place place, String text) throws RulesetException {
    boolean fits = text.length() <= MOST_TEXT && TEXT.matcher(text).matches();
    ensure(fits, place, "a text of more than " + MOST_TEXT + " characters, or with quotes");
  }

  private void checkPart(Table table, Place place, Part part) throws RulesetException {
    switch (part) {
      case Match match -> checkMatch(table, place, match);
      case Flags(FlagTest test, int mask, int value) -> {
        boolean fits = mask > 0 && mask <= ALL_FLAGS && (value & ~mask) == 0;
        ensure(fits, place, "TCP flags that are not looked at, or are none");
        ensure(test != FlagTest.ANY || value == 0, place, "any of the flags, or these?");
      }
      case Limit limit -> {
        boolean fits = limit.frames() >= 1 && limit.frames() <= MOST_FRAMES;
        ensure(fits, place, "a limit of " + limit.frames());
        boolean bounded = limit.burst() >= 1 && limit.burst() <= MOST_BURST;
        ensure(bounded, place, "a burst of " + limit.burst());
      }
      case Counter(long frames, long bytes) ->
          ensure(frames >= 0 && bytes >= 0, place, "a counter below 0");
      case Log(String prefix) -> text(place, prefix);
      case Verdict _ -> {
        // Jumps are looked at together.
      }
    }
  }

  private void checkMatch(Table table, Place place, Match match) throws RulesetException {
    ValueType type = match.field().type();
    switch (match.operand()) {
      case Inline(List<Element> values) -> {
        ensure(!values.isEmpty(), place, match.field().words() + " is compared with nothing");
        checkElements(place, type, values);
        if (match.comparison().isOrder()) {
          boolean one = values.size() == 1 && values.getFirst() instanceof Span s && s.isSingle();
          ensure(one && type.isOrdered(), place, match.comparison().sign() + " needs one number");
        }
      }
      case Named(String name) -> {
        NamedSet set =
            table.sets().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new RulesetException(place, "there is no set @" + name));
        ensure(
            set.type() == type,
            place,
            "@%s has values of type %s, which %s is not compared with"
                .formatted(name, set.type().setName().orElse(""), match.field().words()));
        ensure(
            !match.comparison().isOrder(), place, match.comparison().sign() + " needs one number");
      }
    }
  }
}
