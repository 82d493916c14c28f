package dev.portcullis.vmm.bridge;

import java.util.ArrayDeque;
import java.util.Queue;

/// Lets a thread forward one frame after the other.
///
/// A link may answer while it is sent to: its frame then waits until the thread is done with the
/// one before. So the stack does not grow with the length of a conversation, and a loop of bridges
/// ends.
final class Turns {
  /// Frames that may follow from one; then the thread goes home. More than any conversation needs
  /// that does not run in circles; what is lost is sent again, as on any wire.
  static final int MOST_FRAMES = 1 << 16;

  /// Frames that may wait.
  static final int MOST_WAITING = 1 << 12;

  private static final ThreadLocal<Turns> OF_THREAD = ThreadLocal.withInitial(Turns::new);

  private record Arrival(Bridge bridge, Port in, byte[] frame) {}

  private final Queue<Arrival> waiting = new ArrayDeque<>();
  private boolean busy;
  private int taken;

  private Turns() {}

  /// Forwards a frame, now or when it is its turn on this thread.
  static void take(Bridge bridge, Port in, byte[] frame) {
    OF_THREAD.get().takeUp(new Arrival(bridge, in, frame));
  }

  private void takeUp(Arrival arrival) {
    if (!busy) {
      run(arrival);
    } else if (taken + waiting.size() < MOST_FRAMES && waiting.size() < MOST_WAITING) {
      waiting.add(arrival);
    } else {
      arrival.in.received(arrival.frame);
      arrival.in.dropped(DropReason.STORM);
    }
  }

  private void run(Arrival first) {
    busy = true;
    taken = 0;
    try {
      for (Arrival next = first; next != null; next = waiting.poll()) {
        taken++;
        next.bridge.forward(next.in, next.frame);
      }
    } finally {
      busy = false;
      waiting.clear();
    }
  }
}
