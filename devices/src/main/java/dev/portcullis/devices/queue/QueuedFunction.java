package dev.portcullis.devices.queue;

import java.util.List;

/// A function that offers its software pairs of queues, and can be told to offer more or fewer.
/// What it offers changes only when the function is reset: software that works with it relies on
/// what it was told.
public interface QueuedFunction {

  /// The most it can offer.
  int mostPairs();

  /// How many it offers now.
  int pairs();

  /// How many it offers from its next function-level reset on.
  int pairsAfterReset();

  /// Has it offer so many from its next function-level reset on.
  ///
  /// @param count 1 to [#mostPairs]
  /// @throws IllegalArgumentException if it cannot offer so many
  void offerAfterReset(int count);

  /// How busy each was since the function was made: of [#mostPairs], the first first.
  List<QueueLoad> loads();
}
