package dev.portcullis.devices.queue;

/// How busy a pair of queues was.
///
/// @param looks how often its thread found work
/// @param full times among them that the pair was as good as full: it held more than the thread
///   does in one go, or three quarters of what it can hold
/// @param requests commands carried out, or frames moved
/// @param bytes of data moved for them
public record QueueLoad(long looks, long full, long requests, long bytes) {
  /// Nothing yet.
  public static final QueueLoad NONE = new QueueLoad(0, 0, 0, 0);

  /// What came since there was `before`.
  public QueueLoad since(QueueLoad before) {
    return new QueueLoad(
        looks - before.looks, full - before.full, requests - before.requests, bytes - before.bytes);
  }
}
