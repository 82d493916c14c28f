package dev.portcullis.management.endpoint;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.management.access.AccessDecision;
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
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The policy that counts: the last one that made sense. Its file, and the files of rules that it
/// names, are read when one of them has changed; until a policy has made sense, access is denied.
///
/// For any thread.
final class PolicyKeeper {
  /// A file that changes while it is read is read again, so often.
  private static final int MOST_READS = 3;

  private final Path file;
  private final EventBus bus;
  private Optional<Policy> policy = Optional.empty();

  /// Files whose change counts: also those of a policy that was refused.
  private Set<Path> watched;

  private String seen = "";

  PolicyKeeper(Path file, EventBus bus) {
    this.file = file;
    this.bus = bus;
    this.watched = Set.of(file);
  }

  /// What the policy says.
  AccessDecision decide(Facts facts) {
    look();
    Optional<Policy> now = current();
    return now.isPresent()
        ? now.get().decide(facts)
        : AccessDecision.undecided("there is no policy that makes sense");
  }

  /// The policy that counts, if there is one.
  synchronized Optional<Policy> current() {
    return policy;
  }

  /// Looks whether a file has changed.
  ///
  /// @return whether another policy counts now than before; what was decided by it is out of date.
  ///   Before the first look nothing was decided
  synchronized boolean look() {
    if (state(watched).equals(seen)) {
      return false;
    }
    boolean isFirst = seen.isEmpty();
    String before = policy.map(Policy::version).orElse("");
    read();
    return !isFirst && !policy.map(Policy::version).orElse("").equals(before);
  }

  private static String state(Set<Path> files) {
    StringBuilder state = new StringBuilder();
    for (Path one : files) {
      try {
        BasicFileAttributes now = Files.readAttributes(one, BasicFileAttributes.class);
        state.append(now.lastModifiedTime()).append(' ').append(now.size()).append(' ');
        state.append(now.fileKey()).append('\n');
      } catch (IOException e) {
        state.append("cannot be read\n");
      }
    }
    return state.toString();
  }

  /// What is named is known only when it has been read: then all of it is read once more, so that
  /// no change is missed.
  private void read() {
    Reading reading = Reading.of(file);
    String before = "";
    for (int i = 1; i < MOST_READS && !before.equals(state(reading.files)); i++) {
      before = state(reading.files);
      reading = Reading.of(file);
    }
    watched = reading.files;
    seen = before;
    if (reading.policy.isPresent()) {
      policy = reading.policy;
      tell(Severity.NOTICE, "access policy " + policy.get() + " is in force", "in-force");
    } else {
      String kept =
          policy.isPresent() ? "; policy " + policy.get() + " stays" : "; access is denied";
      tell(Severity.ERROR, "access policy refused: " + reading.trouble + kept, "refused");
    }
  }

  /// What came of reading.
  ///
  /// @param files that were read, or should have been
  /// @param trouble why there is no policy, if there is none
  private record Reading(Set<Path> files, Optional<Policy> policy, String trouble) {
    static Reading of(Path file) {
      Set<Path> files = new TreeSet<>(Set.of(file));
      try {
        return new Reading(files, Optional.of(PolicyFile.read(file, files::add)), "");
      } catch (MachineFileException | PolicyException e) {
        return new Reading(files, Optional.empty(), String.valueOf(e.getMessage()));
      }
    }
  }

  private void tell(Severity severity, String text, String outcome) {
    bus.publish(
        EventType.ACCESS_POLICY, severity, Subject.PLATFORM, text, Map.of("outcome", outcome));
  }
}
