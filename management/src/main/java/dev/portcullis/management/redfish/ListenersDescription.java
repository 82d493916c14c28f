package dev.portcullis.management.redfish;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// How events are sent to those who listen.
///
/// @param trust file of certificates, PEM, one of which vouches for a listener's; without it, those
///   that the JDK trusts
/// @param attempts how often it is tried again
/// @param pause between two attempts
/// @param patience for an answer
public record ListenersDescription(
    Optional<Path> trust, int attempts, Duration pause, Duration patience) {
  /// If nothing is said.
  public static final ListenersDescription USUAL =
      new ListenersDescription(Optional.empty(), 3, Duration.ofSeconds(30), Duration.ofSeconds(10));
}
