package dev.portcullis.vfiouser.server;

/// How the server waits for the end of DMA in flight before it takes memory away.
@FunctionalInterface
public interface Quiesce {
  /// Returns when no access to the endpoint's memory that began before the call is under way.
  ///
  /// Reads of memory that the client holds without a descriptor fail at once for as long as this
  /// runs: the client answers none of them while it waits for us.
  void drain();
}
