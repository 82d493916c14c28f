package dev.portcullis.unit.request;

import dev.portcullis.pci.Completion;
import dev.portcullis.spec.fault.FaultReason;
import java.util.Optional;

/// The refusal of a request as a negative `long`, so that the hot path needs no object for it.
///
/// Bits 7 to 0 hold the fault reason, 0 if there is none; bits 15 to 8 the completion's ordinal.
public final class Blocked {
  private static final Completion[] COMPLETIONS = Completion.values();

  /// Refused without a reason that anyone records: nothing takes the request.
  public static final long SILENTLY = code(0, Completion.UNSUPPORTED_REQUEST);

  private Blocked() {}

  /// An untranslated request is refused for `reason`: unsupported request, always.
  ///
  /// @vtd 7.1.3 Fault Conditions and Remapping Hardware Behavior for Various Requests
  public static long untranslated(FaultReason reason) {
    return code(reason.code(), Completion.UNSUPPORTED_REQUEST);
  }

  /// A request is refused for `reason`, and the device sees `completion`.
  public static long of(FaultReason reason, Completion completion) {
    return code(reason.code(), completion);
  }

  private static long code(int reason, Completion completion) {
    return Long.MIN_VALUE | (long) completion.ordinal() << 8 | reason;
  }

  /// What the device sees.
  ///
  /// @throws IllegalArgumentException if `code` is not negative: the request was not refused
  public static Completion completion(long code) {
    if (code >= 0) {
      throw new IllegalArgumentException("not refused: %#x".formatted(code));
    }
    return COMPLETIONS[(int) code >> 8 & 0xff];
  }

  /// Why; empty if nobody records it.
  public static Optional<FaultReason> reason(long code) {
    return FaultReason.of((int) code & 0xff);
  }
}
