package dev.portcullis.cli.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What a height means.
///
/// @param ticks the values that are marked, lowest first
/// @param logarithmic whether equal heights are equal ratios
record Axis(List<Double> ticks, boolean logarithmic) {
  private static final int MOST_TICKS = 5;

  /// From 0 to a round number that is no less than any value.
  static Axis linear(List<Double> values) {
    double most = values.stream().mapToDouble(Double::doubleValue).max().orElse(1);
    double power = Math.pow(10, Math.floor(Math.log10(Math.max(most, 1e-9) / MOST_TICKS)));
    double step = power;
    for (double factor : new double[] {2, 2.5, 5, 10}) {
      if (step * MOST_TICKS < most) {
        step = power * factor;
      }
    }
    List<Double> ticks = new ArrayList<>();
    int count = (int) Math.max(1, Math.ceil(most / step - 1e-9));
    for (int i = 0; i <= count; i++) {
      ticks.add(i * step);
    }
    return new Axis(ticks, false);
  }

  /// Powers of ten around all values but 0, which is at the bottom.
  static Axis logarithmic(List<Double> values) {
    double least =
        values.stream().mapToDouble(Double::doubleValue).filter(v -> v > 0).min().orElse(1);
    double most = values.stream().mapToDouble(Double::doubleValue).max().orElse(1);
    int first = (int) Math.ceil(Math.log10(least)) - 1;
    int last = Math.max(first + 1, (int) Math.ceil(Math.log10(Math.max(most, least))));
    List<Double> ticks = new ArrayList<>();
    for (int power = first; power <= last; power++) {
      ticks.add(Math.pow(10, power));
    }
    return new Axis(ticks, true);
  }

  /// How high a value is, 0 to 1.
  double height(double value) {
    double first = ticks.getFirst();
    double last = ticks.getLast();
    if (!logarithmic) {
      return value / last;
    }
    return value <= first ? 0 : Math.log(value / first) / Math.log(last / first);
  }

  /// A value with three digits, of which two are behind the point at most, or with all in front of
  /// the point.
  static String words(double value) {
    if (value == 0) {
      return "0";
    }
    int digits = (int) Math.max(0, Math.min(2, 2 - Math.floor(Math.log10(Math.abs(value)))));
    return String.format(Locale.ROOT, "%,." + digits + "f", value);
  }

  /// A marked value, as short as it can be.
  static String tick(double value) {
    String words = String.format(Locale.ROOT, "%,.3f", value);
    return words.replaceAll("\\.?0+$", "");
  }
}
