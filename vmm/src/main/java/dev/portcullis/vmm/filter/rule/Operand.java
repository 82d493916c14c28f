package dev.portcullis.vmm.filter.rule;

import java.util.List;

/// What a field is compared with.
public sealed interface Operand {

  /// These values.
  record Inline(List<Element> elements) implements Operand {
    public Inline {
      elements = List.copyOf(elements);
    }
  }

  /// The values of a set.
  record Named(String set) implements Operand {}

  /// One value.
  static Operand of(long value) {
    return new Inline(List.of(Element.of(value)));
  }

  static Operand of(Element... elements) {
    return new Inline(List.of(elements));
  }
}
