package dev.portcullis.management.endpoint;

import dev.portcullis.management.access.AccessDecision;
import dev.portcullis.management.access.AccessDecision.Verdict;
import dev.portcullis.management.enforcement.NetworkAccess;
import dev.portcullis.management.posture.PostureBroker.Collected;
import dev.portcullis.management.posture.PostureReport;
import dev.portcullis.management.posture.ReportRefusedException;
import dev.portcullis.management.remediation.RemediationStep;
import dev.portcullis.vmm.event.EventBus;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.event.Subject;
import java.util.Locale;
import java.util.Map;

/// Tells of the five stages of one partition's access control.
///
/// @param partition its name
record StageNews(EventBus bus, String partition) {

  void collected(Collected collected) {
    boolean answered = collected.answered();
    tell(
        EventType.ACCESS_COLLECTION,
        answered ? Severity.INFORMATIONAL : Severity.WARNING,
        answered
            ? "collected what partition " + partition + " is and has"
            : "the collector in partition " + partition + " says nothing to go by",
        Map.of("agent", answered ? "answered" : "silent"));
  }

  void refused(ReportRefusedException why) {
    tell(
        EventType.ACCESS_REPORT_REFUSED,
        Severity.WARNING,
        "report about partition %s refused (%s): %s"
            .formatted(partition, why.refusal().word(), why.getMessage()),
        Map.of("refusal", why.refusal().word(), "reason", why.getMessage()));
  }

  void reported(PostureReport report) {
    tell(
        EventType.ACCESS_REPORTING,
        Severity.INFORMATIONAL,
        "report %d about partition %s accepted".formatted(report.sequence(), partition),
        Map.of("sequence", report.sequence(), "challenge", report.challenge()));
  }

  void decided(AccessDecision decision) {
    String verdict = decision.verdict().name().toLowerCase(Locale.ROOT);
    tell(
        EventType.ACCESS_EVALUATION,
        decision.verdict() == Verdict.UNRESTRICTED ? Severity.NOTICE : Severity.WARNING,
        "access of partition %s: %s: %s".formatted(partition, verdict, decision.reason()),
        Map.of(
            "verdict", verdict,
            "rule", decision.rule().orElse(""),
            "reason", decision.reason()));
  }

  void enforced(NetworkAccess inForce) {
    tell(
        EventType.ACCESS_ENFORCEMENT,
        Severity.INFORMATIONAL,
        "partition %s: %s is in force".formatted(partition, word(inForce)),
        Map.of("level", word(inForce), "reason", inForce.reason()));
  }

  void notEnforced(Exception why) {
    tell(
        EventType.ACCESS_ENFORCEMENT,
        Severity.ERROR,
        "partition %s: no access: %s".formatted(partition, why.getMessage()),
        Map.of("level", "none", "reason", String.valueOf(why.getMessage())));
  }

  void remediated(RemediationStep step, String outcome) {
    tell(
        EventType.ACCESS_REMEDIATION,
        Severity.NOTICE,
        "partition %s: step %s: %s".formatted(partition, step.name(), outcome),
        Map.of("step", step.name(), "outcome", "done"));
  }

  void notRemediated(RemediationStep step, String why) {
    tell(
        EventType.ACCESS_REMEDIATION,
        Severity.WARNING,
        "partition %s: step %s failed: %s".formatted(partition, step.name(), why),
        Map.of("step", step.name(), "outcome", "failed", "why", why));
  }

  void givenUp(RemediationStep step) {
    tell(
        EventType.ACCESS_REMEDIATION,
        Severity.ERROR,
        "partition %s: step %s does not help: a person has to look"
            .formatted(partition, step.name()),
        Map.of("step", step.name(), "outcome", "given-up"));
  }

  private static String word(NetworkAccess access) {
    return access.level().name().toLowerCase(Locale.ROOT);
  }

  private void tell(EventType type, Severity severity, String text, Map<String, Object> data) {
    bus.publish(type, severity, Subject.ofPartition(partition), text, data);
  }
}
