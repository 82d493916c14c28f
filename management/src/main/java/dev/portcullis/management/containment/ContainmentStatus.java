package dev.portcullis.management.containment;

import java.time.Instant;
import java.util.Optional;

/// Where a partition stands.
///
/// @param until when that ends by itself, if it does
public record ContainmentStatus(String partition, Standing standing, Optional<Instant> until) {
  @Override
  public String toString() {
    return "%s: %s since %s%s: %s"
        .formatted(
            partition,
            standing.state().word(),
            standing.since(),
            until.map(end -> ", until " + end).orElse(""),
            standing.reason());
  }
}
