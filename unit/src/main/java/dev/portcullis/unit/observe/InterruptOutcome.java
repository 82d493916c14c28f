package dev.portcullis.unit.observe;

import dev.portcullis.spec.fault.FaultReason;

/// What came of an interrupt request.
///
/// @vtd 5.1 Interrupt Remapping
public sealed interface InterruptOutcome {

  /// It passed as it was: interrupts are not remapped, or the compatibility format passes.
  record Passed() implements InterruptOutcome {}

  /// Entry `index` made it a message of `data` to `address`.
  record Remapped(int index, long address, int data) implements InterruptOutcome {}

  /// Entry `index` had it posted to the descriptor at `descriptor`.
  ///
  /// @param vector its bit there
  record Posted(int index, long descriptor, int vector) implements InterruptOutcome {}

  /// It was refused.
  record Refused(FaultReason reason) implements InterruptOutcome {}
}
