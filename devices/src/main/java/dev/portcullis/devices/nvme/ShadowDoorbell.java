package dev.portcullis.devices.nvme;

import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// A doorbell whose value the host leaves in memory, ringing the real one only when that value goes
/// past the one we have asked to be called at. For one thread at a time.
///
/// @nvme 5.7 Doorbell Buffer Config command
final class ShadowDoorbell {
  /// What [#fetch()] says when the memory cannot be reached.
  static final int UNREACHABLE = -1;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final UpstreamPort port;
  private final long valueAt;
  private final long eventAt;
  private final MemorySegment word = Arena.ofAuto().allocate(4, 4);

  /// The pages the host has given for all doorbells: in each a word a doorbell, in their order.
  ///
  /// @param values I/O virtual address of the page of values
  /// @param events I/O virtual address of the page of values to be called at
  record Pages(long values, long events) {
    /// Whether both pages are there, as the words of the admin queue tell, which we do not use.
    boolean areReachable(UpstreamPort port) {
      ShadowDoorbell unused = submission(port, 0);
      return unused.fetch() != UNREACHABLE && unused.callAfter(0);
    }

    ShadowDoorbell submission(UpstreamPort port, int queueId) {
      return new ShadowDoorbell(port, values + 8L * queueId, events + 8L * queueId);
    }

    ShadowDoorbell completion(UpstreamPort port, int queueId) {
      return new ShadowDoorbell(port, values + 8L * queueId + 4, events + 8L * queueId + 4);
    }
  }

  private ShadowDoorbell(UpstreamPort port, long valueAt, long eventAt) {
    this.port = port;
    this.valueAt = valueAt;
    this.eventAt = eventAt;
  }

  /// The value as it is now, 16 bits, or [#UNREACHABLE].
  int fetch() {
    boolean reached = port.read(valueAt, word, 0, 4).isSuccess();
    return reached ? word.get(INT, 0) & 0xffff : UNREACHABLE;
  }

  /// Puts in the value the host has rung so far.
  boolean begin(int value) {
    return write(valueAt, value);
  }

  /// Asks to be called when the host goes on from `value`. It may have done so before it sees the
  /// request: look again afterwards.
  boolean callAfter(int value) {
    boolean reached = write(eventAt, value);
    VarHandle.fullFence();
    return reached;
  }

  private boolean write(long at, int value) {
    word.set(INT, 0, value);
    return port.write(at, word, 0, 4).isSuccess();
  }
}
