package dev.portcullis.vmm.nativeos;

import dev.portcullis.vmm.nativeos.BounceComparison.Measured;
import dev.portcullis.vmm.nativeos.description.NativeExpectation;
import java.util.List;

/// What came of an expectation.
///
/// @param detail what was seen, for people
/// @param measured what was measured, if it was about that
public record NativeOutcome(
    NativeExpectation expectation, boolean held, String detail, List<Measured> measured) {

  public NativeOutcome {
    measured = List.copyOf(measured);
  }

  static NativeOutcome of(NativeExpectation expectation, boolean held, String detail) {
    return new NativeOutcome(expectation, held, detail, List.of());
  }
}
