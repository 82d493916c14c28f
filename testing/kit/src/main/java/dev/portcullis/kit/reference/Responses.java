package dev.portcullis.kit.reference;

import java.util.Set;

/// What a device sees of each fault, and whether it can be silenced: the table, column by column.
///
/// @vtd 7.1.3 Fault Conditions and Remapping Hardware Behavior for Various Requests
final class Responses {
  /// Never silenced: nothing that has an FPD bit was read.
  private static final Set<Integer> UNQUALIFIED =
      Set.of(
          0x01, 0x08, 0x09, 0x0a, 0x30, 0x31, 0x32, 0x33, 0x34, 0x38, 0x39, 0x3a, 0x40, 0x50, 0x58);

  /// Reasons for which a translation request succeeds without any right.
  private static final Set<Integer> EMPTY =
      Set.of(
          0x04, 0x05, 0x06, 0x51, 0x59, 0x5c, 0x5d, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77,
          0x79, 0x80, 0x81, 0x83, 0x84, 0x85, 0x86, 0x90, 0x91);

  /// Reasons for which a translation request is an unsupported one.
  private static final Set<Integer> UNSUPPORTED =
      Set.of(0x01, 0x02, 0x0d, 0x31, 0x33, 0x34, 0x39, 0x41, 0x44, 0x45, 0x46, 0x48, 0x89);

  /// Reasons for which a translated request is aborted.
  private static final Set<Integer> ABORTED =
      Set.of(0x50, 0x52, 0x58, 0x5a, 0x5b, 0xa0, 0xa1, 0xa2);

  /// Recorded though the request succeeds.
  private static final int UPDATE_FAILED = 0x91;

  private Responses() {}

  /// What becomes of a request.
  enum Response {
    UNSUPPORTED_REQUEST,
    COMPLETER_ABORT,
    /// A completion without rights.
    EMPTY
  }

  static Response to(Ask ask, int reason) {
    return switch (ask.kind()) {
      case UNTRANSLATED, PAGE -> Response.UNSUPPORTED_REQUEST;
      case TRANSLATED ->
          ABORTED.contains(reason) ? Response.COMPLETER_ABORT : Response.UNSUPPORTED_REQUEST;
      case TRANSLATION -> {
        if (EMPTY.contains(reason)) {
          yield Response.EMPTY;
        }
        yield UNSUPPORTED.contains(reason)
            ? Response.UNSUPPORTED_REQUEST
            : Response.COMPLETER_ABORT;
      }
    };
  }

  static boolean isQualified(int reason) {
    return !UNQUALIFIED.contains(reason);
  }

  /// Whether the fault is for software to see at all.
  static boolean isRecorded(Response response, int reason) {
    return response != Response.EMPTY || reason == UPDATE_FAILED;
  }
}
