package dev.portcullis.vmm.fault;

/// How many faults of one function are told one by one.
///
/// @param burst at once: 1 or more
/// @param perSecond in the long run, more than 0
public record Tempo(int burst, double perSecond) {
  public Tempo {
    if (burst < 1 || !(perSecond > 0)) {
      throw new IllegalArgumentException("%d at once, %f a second".formatted(burst, perSecond));
    }
  }
}
