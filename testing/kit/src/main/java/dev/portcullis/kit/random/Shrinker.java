package dev.portcullis.kit.random;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Takes steps out of a run that went wrong, as long as it still goes wrong.
public final class Shrinker {
  private static final int MOST_RUNS = 4_000;

  private Shrinker() {}

  /// A run that goes wrong and is no longer than needed, as far as can be told with some patience.
  public static <T> List<T> shrink(List<T> steps, Predicate<List<T>> goesWrong) {
    List<T> smallest = steps;
    int runs = 0;
    for (int chunk = Math.max(1, steps.size() / 2); chunk >= 1; chunk /= 2) {
      int from = 0;
      while (from < smallest.size() && runs < MOST_RUNS) {
        List<T> fewer = new ArrayList<>(smallest.subList(0, from));
        fewer.addAll(smallest.subList(Math.min(from + chunk, smallest.size()), smallest.size()));
        runs++;
        if (goesWrong.test(fewer)) {
          smallest = fewer;
        } else {
          from += chunk;
        }
      }
    }
    return smallest;
  }
}
