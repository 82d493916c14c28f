package dev.portcullis.system.measure;

import java.util.ArrayList;
import java.util.List;

/// Pairs of values, each pair measured one right after the other.
final class Comparison {
  private final List<Double> ours = new ArrayList<>();
  private final List<Double> its = new ArrayList<>();

  void add(double our, double other) {
    ours.add(our);
    its.add(other);
  }

  double ours() {
    return median(ours);
  }

  double qemus() {
    return median(its);
  }

  /// The median of the pairs' ratios, ours to QEMU's.
  double ratio() {
    return median(ratios());
  }

  double lowestRatio() {
    return ratios().stream().min(Double::compare).orElseThrow();
  }

  double highestRatio() {
    return ratios().stream().max(Double::compare).orElseThrow();
  }

  private List<Double> ratios() {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < ours.size(); i++) {
      ratios.add(ours.get(i) / its.get(i));
    }
    return ratios;
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
