package dev.portcullis.vmm.filter.rule;

import java.util.List;

/// Values that several rules may compare with.
///
/// @param type what they are
public record NamedSet(String name, ValueType type, Content content, List<Element> elements) {
  public NamedSet {
    elements = List.copyOf(elements);
  }

  /// What a set may contain.
  public enum Content {
    /// Values one by one.
    SINGLE,
    /// Ranges and prefixes, too.
    INTERVALS
  }
}
