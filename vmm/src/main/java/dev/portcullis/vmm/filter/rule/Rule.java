package dev.portcullis.vmm.filter.rule;

import java.util.List;

/// What to look for in a frame and what to do then: parts, of which one that does not match ends
/// the rule.
///
/// @param parts in their order; a verdict is the last one
/// @param comment for people; may be empty
public record Rule(List<Part> parts, String comment) {
  public Rule {
    parts = List.copyOf(parts);
  }

  public static Rule of(Part... parts) {
    return new Rule(List.of(parts), "");
  }
}
