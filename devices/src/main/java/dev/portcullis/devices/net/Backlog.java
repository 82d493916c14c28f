package dev.portcullis.devices.net;

import java.util.concurrent.ArrayBlockingQueue;

/// Frames that came out of the wire and wait for a buffer of the driver's; so many and no more,
/// however slow the driver is.
final class Backlog {
  private static final int MOST_FRAMES = 1024;

  private final ArrayBlockingQueue<byte[]> frames = new ArrayBlockingQueue<>(MOST_FRAMES);

  Backlog() {}

  /// @return whether there was room
  boolean offer(byte[] frame) {
    return frames.offer(frame);
  }

  /// The oldest frame, or `null`; it stays.
  byte[] peek() {
    return frames.peek();
  }

  /// Takes the oldest frame out.
  void remove() {
    frames.poll();
  }

  void clear() {
    frames.clear();
  }
}
