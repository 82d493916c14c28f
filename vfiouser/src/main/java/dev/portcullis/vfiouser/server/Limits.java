package dev.portcullis.vfiouser.server;

import java.time.Duration;

/// How much a client may ask for, and how long it may keep others waiting.
///
/// @param dmaMaps DMA ranges at a time; each costs a mapping of the process
/// @param patience how long a message may take from its first byte to its last, the handshake from
///   the connection on, and a write until the client takes it
/// @param dmaReadLimit how long a device waits for memory that only the client has; less than the 5
///   seconds after which QEMU gives up on us
public record Limits(int dmaMaps, Duration patience, Duration dmaReadLimit) {
  public static final Limits DEFAULT =
      new Limits(1024, Duration.ofSeconds(5), Duration.ofSeconds(1));

  public Limits {
    if (dmaMaps < 1 || !patience.isPositive() || !dmaReadLimit.isPositive()) {
      throw new IllegalArgumentException("limits that allow nothing");
    }
  }
}
