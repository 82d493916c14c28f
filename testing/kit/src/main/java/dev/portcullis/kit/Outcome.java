package dev.portcullis.kit;

import dev.portcullis.pci.Completion;

/// What became of a request.
///
/// @param completion what the device sees
/// @param hpa where the request went; -1 if nowhere
public record Outcome(Completion completion, long hpa) {
  /// The answer to an untranslated request that is refused.
  public static final Outcome REFUSED = new Outcome(Completion.UNSUPPORTED_REQUEST, -1);

  /// The end of a page request that is in the queue.
  public static final Outcome QUEUED = new Outcome(Completion.SUCCESS, -1);

  /// The request went to `hpa`.
  public static Outcome at(long hpa) {
    return new Outcome(Completion.SUCCESS, hpa);
  }

  @Override
  public String toString() {
    return completion.isSuccess() ? "at %#x".formatted(hpa) : completion.toString();
  }
}
