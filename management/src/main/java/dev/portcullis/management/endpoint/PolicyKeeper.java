package dev.portcullis.management.endpoint;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.management.access.AccessDecision;
import dev.portcullis.management.access.AccessDecision.Verdict;
import dev.portcullis.management.access.Facts;
import dev.portcullis.management.access.Policy;
import dev.portcullis.management.access.PolicyException;
import dev.portcullis.management.access.PolicyFile;
import dev.portcullis.vmm.event.EventBus;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.event.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The policy that counts: the last one that made sense. Its file is looked at before each decision
/// and read when it has changed; until one has made sense, access is denied.
final class PolicyKeeper {
  private final Path file;
  private final EventBus bus;
  private Optional<Policy> policy = Optional.empty();
  private String seen = "";

  PolicyKeeper(Path file, EventBus bus) {
    this.file = file;
    this.bus = bus;
  }

  /// What the policy says.
  AccessDecision decide(Facts facts) {
    Optional<Policy> now = current();
    return now.isPresent()
        ? now.get().decide(facts)
        : new AccessDecision(
            Verdict.DENIED,
            Optional.empty(),
            Optional.empty(),
            "there is no policy that makes sense",
            List.of());
  }

  private synchronized Optional<Policy> current() {
    String state = state();
    if (!state.equals(seen)) {
      seen = state;
      read();
    }
    return policy;
  }

  private String state() {
    try {
      return Files.getLastModifiedTime(file) + " " + Files.size(file);
    } catch (IOException e) {
      return "cannot be read: " + e.getMessage();
    }
  }

  private void read() {
    try {
      Policy next = PolicyFile.read(file);
      policy = Optional.of(next);
      tell(Severity.NOTICE, "access policy " + next.name() + " is in force", "in-force");
    } catch (MachineFileException | PolicyException e) {
      String kept =
          policy.isPresent() ? "; policy " + policy.get().name() + " stays" : "; access is denied";
      tell(Severity.ERROR, "access policy refused: " + e.getMessage() + kept, "refused");
    }
  }

  private void tell(Severity severity, String text, String outcome) {
    bus.publish(
        EventType.ACCESS_POLICY, severity, Subject.PLATFORM, text, Map.of("outcome", outcome));
  }
}
