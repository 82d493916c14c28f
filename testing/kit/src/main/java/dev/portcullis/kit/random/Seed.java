package dev.portcullis.kit.random;

import java.util.SplittableRandom;

/// Where randomness starts: `-Dseed=…` repeats a run, otherwise it is fixed, or of the moment with
/// `-Dseed=random`.
///
/// @param value the seed, to be printed when something fails
public record Seed(long value) {
  private static final long FIXED = 0x9027_c071_15L;

  private static final Seed THIS_RUN = asked();

  /// The seed of this run: the same whenever it is asked for.
  public static Seed ofThisRun() {
    return THIS_RUN;
  }

  private static Seed asked() {
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
