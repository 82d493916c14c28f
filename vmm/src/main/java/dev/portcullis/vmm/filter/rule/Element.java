package dev.portcullis.vmm.filter.rule;

/// What a set contains.
public sealed interface Element {

  /// Values from `low` to `high`, both included.
  record Span(Value low, Value high) implements Element {
    public boolean isSingle() {
      return low.equals(high);
    }

    /// Whether there is a value in both.
    public boolean overlaps(Span other) {
      return low.compareTo(other.high) <= 0 && other.low.compareTo(high) <= 0;
    }
  }

  /// The name of a port of the bridge.
  record Name(String name) implements Element {}

  static Element of(long value) {
    return new Span(Value.of(value), Value.of(value));
  }

  static Element of(long low, long high) {
    return new Span(Value.of(low), Value.of(high));
  }
}
