package dev.portcullis.vmm.fault;

/// How many faults of one function are told one by one.
///
/// @param burst at once: 1 or more
/// @param perSecond in the long run, more than 0
public record Tempo(int burst, double perSecond) {
  /// Enough to see what a device does, and little beside what else is told.
  public static final Tempo DEFAULT = new Tempo(20, 2);

  public Tempo {
    if (burst < 1 || !(perSecond > 0)) {
      throw new IllegalArgumentException("%d at once, %f a second".formatted(burst, perSecond));
    }
  }
}
