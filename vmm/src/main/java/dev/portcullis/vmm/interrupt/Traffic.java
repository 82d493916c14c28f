package dev.portcullis.vmm.interrupt;

/// How many interrupts of assigned functions came to a partition, and how often the monitor was
/// called for them.
///
/// @param remapped those that were remapped: a call each
/// @param rounds times that its software looked and found some of them: with posting, it would have
///   been called that often
/// @param posted those that were taken from a descriptor, where several of one vector are one
/// @param told calls that told of them
public record Traffic(long remapped, long rounds, long posted, long told) {

  /// What came since there was `before`.
  public Traffic since(Traffic before) {
    return new Traffic(
        remapped - before.remapped,
        rounds - before.rounds,
        posted - before.posted,
        told - before.told);
  }
}
