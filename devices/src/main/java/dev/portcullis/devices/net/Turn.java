package dev.portcullis.devices.net;

import dev.portcullis.devices.virtio.SplitQueue.Look;
import dev.portcullis.devices.virtio.SplitQueue.Signal;

/// What one turn of a queue has come to.
enum Turn {
  IDLE,
  WORKED,
  /// A DMA was refused.
  BLOCKED,
  /// The rings contradict themselves.
  BROKEN;

  boolean isFailure() {
    return this == BLOCKED || this == BROKEN;
  }

  /// What it means that there is no chain.
  static Turn failure(Look look) {
    return look == Look.UNREACHABLE ? BLOCKED : BROKEN;
  }

  /// This, unless what was used could not be shown.
  Turn after(Signal signal) {
    return signal == Signal.UNREACHABLE ? BLOCKED : this;
  }
}
