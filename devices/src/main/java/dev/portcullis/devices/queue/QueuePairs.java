package dev.portcullis.devices.queue;

/// How many pairs of queues a function has.
///
/// @param offered to begin with: 1 to `most`
/// @param most it can be told to offer: what its registers and messages are made for
public record QueuePairs(int offered, int most) {
  public QueuePairs {
    if (offered < 1 || offered > most) {
      throw new IllegalArgumentException("%d of %d pairs of queues".formatted(offered, most));
    }
  }

  /// All there are.
  public static QueuePairs of(int all) {
    return new QueuePairs(all, all);
  }
}
