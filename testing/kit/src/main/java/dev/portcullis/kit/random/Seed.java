package dev.portcullis.kit.random;

import java.util.SplittableRandom;

/// Where randomness starts: `-Dseed=…` repeats a run, otherwise it is fixed, or of the moment with
/// `-Dseed=random`.
///
/// @param value the seed, to be printed when something fails
public record Seed(long value) {
  private static final long FIXED = 0x9027_c071_15L;

  /// The seed of this run.
  public static Seed ofThisRun() {
    String asked = System.getProperty("seed", "");
    return switch (asked) {
      case "" -> new Seed(FIXED);
      case "random" -> new Seed(System.nanoTime());
      default -> new Seed(Long.decode(asked));
    };
  }

  /// A generator for part `part` of a run.
  public SplittableRandom random(long part) {
    return new SplittableRandom(value * 0x9e37_79b9_7f4a_7c15L + part);
  }

  @Override
  public String toString() {
    return "-Dseed=" + value;
  }
}
