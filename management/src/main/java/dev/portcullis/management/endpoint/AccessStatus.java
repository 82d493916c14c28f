package dev.portcullis.management.endpoint;

import dev.portcullis.management.access.AccessDecision;
import dev.portcullis.management.access.Facts;
import dev.portcullis.management.enforcement.NetworkAccess;
import dev.portcullis.vmm.event.PlainText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Where the access of one partition stands.
///
/// @param inForce the strictest that anybody demands
/// @param decided what access control demands; empty if the partition does not run, or nothing was
///   decided yet
/// @param steps what is being done about it
/// @param next when it is looked at again, if nothing happens to it before
public record AccessStatus(
    String partition,
    NetworkAccess inForce,
    Optional<Decided> decided,
    List<String> steps,
    Optional<Instant> next) {
  private static final int MOST_LINES = 200;
  private static final int MOST_LISTED = 8;
  private static final int MOST_CHARACTERS = 1000;

  public AccessStatus {
    steps = List.copyOf(steps);
  }

  /// A decision with what it went by.
  ///
  /// @param at when it was made
  /// @param since when the same was decided first, and has been ever since
  public record Decided(AccessDecision decision, Facts facts, Instant at, Instant since) {
    /// This one, knowing the one before.
    Decided after(Optional<Decided> before) {
      return before
          .filter(one -> one.decision.agreesWith(decision))
          .map(one -> new Decided(decision, facts, at, one.since))
          .orElse(this);
    }
  }

  /// A line: what is in force, and why.
  public String line() {
    return plain("%s: %s: %s".formatted(partition, level(), inForce.reason()));
  }

  /// All that is known, a line each. Guests have chosen some of the words.
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(line());
    decided.ifPresentOrElse(
        one -> decided(one, lines), () -> lines.add("  nothing is decided about it: it is off"));
    if (!steps.isEmpty()) {
      lines.add("  being done: " + String.join(", ", steps));
    }
    next.ifPresent(
        when -> lines.add("  looked at again at %s, or when something happens".formatted(when)));
    decided.ifPresent(one -> lines.addAll(facts(one.facts)));
    return lines.stream().map(AccessStatus::plain).toList();
  }

  private static void decided(Decided one, List<String> lines) {
    AccessDecision decision = one.decision;
    lines.add(
        "  access control: %s since %s: %s"
            .formatted(word(decision), one.since, decision.reason()));
    lines.add(
        "  decided at %s by %s, %s"
            .formatted(
                one.at,
                decision.policy().map(policy -> "policy " + policy).orElse("no policy"),
                decision.rule().map(rule -> "rule " + rule).orElse("no rule")));
    decision.trace().forEach(asked -> lines.add("    " + asked));
  }

  private static List<String> facts(Facts facts) {
    List<String> lines = new ArrayList<>();
    for (String area : Facts.AREAS) {
      flatten(area, facts.areas().getOrDefault(area, Map.of()), lines);
    }
    int rest = lines.size() - MOST_LINES;
    if (rest > 0) {
      lines.subList(MOST_LINES, lines.size()).clear();
      lines.add("  and %,d facts more: see --json".formatted(rest));
    }
    return lines;
  }

  private static void flatten(String name, Object value, List<String> lines) {
    switch (value) {
      case Map<?, ?> map -> map.forEach((key, one) -> flatten(name + "." + key, one, lines));
      case List<?> list when list.size() > MOST_LISTED ->
          lines.add("  %s: %,d of them".formatted(name, list.size()));
      default -> lines.add("  %s: %s".formatted(name, value));
    }
  }

  private static String plain(String line) {
    return PlainText.line(line, MOST_CHARACTERS);
  }

  private String level() {
    return inForce.level().name().toLowerCase(Locale.ROOT);
  }

  private static String word(AccessDecision decision) {
    return decision.verdict().name().toLowerCase(Locale.ROOT);
  }

  /// The same for programs.
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("partition", partition);
    json.put("level", level());
    json.put("reason", inForce.reason());
    decided.ifPresent(one -> json.put("decision", toJson(one)));
    json.put("steps", steps);
    next.ifPresent(when -> json.put("next", when.toString()));
    return json;
  }

  private static Map<String, Object> toJson(Decided one) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("verdict", word(one.decision));
    json.put("reason", one.decision.reason());
    one.decision.policy().ifPresent(policy -> json.put("policy", policy));
    one.decision.rule().ifPresent(rule -> json.put("rule", rule));
    json.put("at", one.at.toString());
    json.put("since", one.since.toString());
    json.put("trace", one.decision.trace());
    json.put("facts", one.facts.areas());
    return json;
  }
}
