package dev.portcullis.management.health;

import java.time.Duration;
import java.util.List;

/// What is done about the platform's health.
///
/// @param look how often functions are looked at
/// @param repair rules, each for itself
public record HealthDescription(Duration look, List<RepairRule> repair) {
  public HealthDescription {
    repair = List.copyOf(repair);
  }
}
