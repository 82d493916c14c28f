package dev.portcullis.management.health;

import dev.portcullis.vmm.platform.control.ControlVerb;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// `diagnose` of the control socket: `only`, checks with commas between them, all of them if it is
/// missing; `rate`, at which disks are read, in bytes a second.
public final class DiagnoseVerb implements ControlVerb {
  private static final int PARTS = 200;

  private final Diagnosis diagnosis;

  public DiagnoseVerb(Diagnosis diagnosis) {
    this.diagnosis = diagnosis;
  }

  @Override
  public Map<String, Object> answer(Map<String, String> request, Consumer<Map<String, Object>> tell)
      throws InterruptedException {
    Set<Check> checks = checks(request.getOrDefault("only", ""));
    long rate = rate(request.getOrDefault("rate", ""));
    try {
      DiagnosisReport report = diagnosis.run(checks, rate, seldom(tell));
      return Map.of("results", report.results().stream().map(DiagnoseVerb::row).toList());
    } catch (IllegalStateException busy) {
      throw new IllegalArgumentException(busy.getMessage(), busy);
    }
  }

  private static Set<Check> checks(String words) {
    Set<Check> checks = EnumSet.noneOf(Check.class);
    for (String word : words.split(",", -1)) {
      if (!words.isEmpty()) {
        checks.add(Check.of(word.strip()));
      }
    }
    return checks.isEmpty() ? EnumSet.allOf(Check.class) : checks;
  }

  private static long rate(String text) {
    try {
      long rate = text.isEmpty() ? Diagnosis.USUAL_RATE : Long.parseLong(text);
      if (rate > 0) {
        return rate;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException("\"" + text + "\" is no rate");
  }

  private static Map<String, String> row(CheckResult result) {
    return Map.of(
        "check", result.check().word(),
        "subject", result.subject(),
        "outcome", result.outcome().word(),
        "text", result.text());
  }

  /// Tells no more than can be seen.
  private static DiagnosisProgress seldom(Consumer<Map<String, Object>> tell) {
    Object[] last = {List.of()};
    return (step, fraction) -> {
      Object now = List.of(step, (int) (fraction * PARTS));
      if (!now.equals(last[0])) {
        last[0] = now;
        tell.accept(Map.of("step", step, "progress", fraction));
      }
    };
  }
}
