package dev.portcullis.vmm.filter.run;

/// A part of a rule at work.
interface Step {
  /// Looks at a frame, or does something with it.
  ///
  /// @return whether the rule goes on
  boolean take(Judgement of);
}
