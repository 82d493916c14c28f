package dev.portcullis.cli;

import dev.portcullis.vmm.platform.Examiner.Outcome;
import dev.portcullis.vmm.platform.PlatformEvent;
import dev.portcullis.vmm.platform.PlatformStatus;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// What a run of a platform came to.
final class RunReport {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final RunningPlatform platform;
  private final List<Outcome> outcomes = new CopyOnWriteArrayList<>();
  private PlatformStatus status;
  private List<String> events = List.of();

  RunReport(RunningPlatform platform) {
    this.platform = platform;
  }

  void add(Outcome outcome) {
    outcomes.add(outcome);
  }

  /// What came until now; grows.
  List<Outcome> outcomes() {
    return outcomes;
  }

  /// Takes the platform's last numbers.
  void end(List<PlatformEvent> happened) {
    platform.readFaults();
    status = PlatformStatus.of(platform);
    events = happened.stream().map(PlatformEvent::toString).toList();
  }

  boolean allHeld() {
    return outcomes.stream().allMatch(Outcome::held);
  }

  /// For people.
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("");
    for (Outcome outcome : outcomes) {
      lines.add(
          "%s %s: %s"
              .formatted(
                  outcome.held() ? "  ok   " : "  WRONG", outcome.expectation(), outcome.detail()));
    }
    lines.add("");
    lines.addAll(StatusTable.of(status));
    long held = outcomes.stream().filter(Outcome::held).count();
    lines.add("");
    lines.add("%d of %d expectations held.".formatted(held, outcomes.size()));
    return lines;
  }

  /// For programs.
  String json() {
    Map<String, Object> whole = new LinkedHashMap<>();
    whole.put("held", allHeld());
    whole.put("expectations", outcomes.stream().map(RunReport::entry).toList());
    whole.put("status", status);
    whole.put("events", events);
    return JSON.writeValueAsString(whole);
  }

  private static Map<String, Object> entry(Outcome outcome) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("expectation", outcome.expectation().toString());
    entry.put("held", outcome.held());
    entry.put("detail", outcome.detail());
    entry.put("milliseconds", outcome.took().toMillis());
    return entry;
  }
}
