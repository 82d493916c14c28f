package dev.portcullis.machine.description;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/// The names that things have in machine files, and what somebody who mistyped one had in mind.
final class Names {
  private Names() {}

  /// The one of `choices` that is called `text`.
  ///
  /// @throws IllegalArgumentException if none is; the message lists them
  static <T> T find(String text, List<T> choices, Function<T, String> name) {
    List<String> names = choices.stream().map(name).toList();
    int at = names.indexOf(text);
    if (at < 0) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is none of " + String.join(", ", names) + hint(text, names));
    }
    return choices.get(at);
  }

  /// How a constant is written: in lower case, with dashes.
  static String written(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// `; did you mean "x"?`, or nothing if no name is near.
  static String hint(String typed, Collection<String> names) {
    return names.stream()
        .min(Comparator.comparingInt(name -> distance(typed, name)))
        .filter(name -> distance(typed, name) <= Math.max(2, name.length() / 3))
        .map(name -> "; did you mean \"" + name + "\"?")
        .orElse("");
  }

  /// How many single-character edits turn `a` into `b`.
  static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int swap = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(swap, 1 + Math.min(row[j - 1], previous[j]));
      }
      previous = row;
    }
    return previous[b.length()];
  }
}
