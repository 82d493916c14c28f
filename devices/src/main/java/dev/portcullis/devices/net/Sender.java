package dev.portcullis.devices.net;

import dev.portcullis.devices.queue.QueueCounter;
import dev.portcullis.devices.virtio.Chain;
import dev.portcullis.devices.virtio.SplitQueue;
import dev.portcullis.devices.virtio.SplitQueue.Look;
import dev.portcullis.devices.virtio.SplitQueue.Signal;
import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;

/// Serves a queue of frames that the driver sends.
final class Sender implements QueueService {
  /// An MTU of 1500 bytes, a header, a VLAN tag.
  static final int LONGEST_FRAME = 1518;

  static final int SHORTEST_FRAME = 14;

  /// What is cut into segments may be as long as an IP packet can.
  private static final int LONGEST_TO_CUT = 65_535 + 18;

  /// What is done with frames.
  ///
  /// @param segments whether it cuts TCP data into segments
  /// @param load of its pair
  record Wiring(
      Consumer<byte[]> wire,
      boolean segments,
      Counters counters,
      QueueCounter load,
      Runnable used) {}

  private final UpstreamPort port;
  private final SplitQueue queue;
  private final Wiring wiring;
  private final Chain chain;
  private final MemorySegment buffer;
  private final int limit;
  private long movedBytes;

  Sender(UpstreamPort port, SplitQueue queue, Wiring wiring) {
    this.port = port;
    this.queue = queue;
    this.wiring = wiring;
    chain = queue.chain();
    limit = QueueCounter.limit(BATCH, queue.size());
    buffer = Arena.ofAuto().allocate(FrameHeader.BYTES + longest(), 64);
  }

  private int longest() {
    return wiring.segments() ? LONGEST_TO_CUT : LONGEST_FRAME;
  }

  @Override
  public boolean askForNotice() {
    return queue.askForNotice();
  }

  @Override
  public Turn turn() {
    Turn turn = Turn.IDLE;
    int count = 0;
    movedBytes = 0;
    while (count < BATCH) {
      Look look = queue.next(chain);
      if (look == Look.NOTHING) {
        break;
      }
      turn = look == Look.CHAIN ? sendOne() : Turn.failure(look);
      if (turn.isFailure()) {
        return turn;
      }
      count++;
    }
    if (count > 0) {
      wiring.load().served(count, count >= limit, movedBytes);
    }
    Signal signal = queue.publish();
    if (signal == Signal.WANTED) {
      wiring.used().run();
    }
    return turn.after(signal);
  }

  /// A frame of no legal length, or with a checksum to be put outside of it, is dropped.
  private Turn sendOne() {
    long lengthBytes = chain.readableBytes() - FrameHeader.BYTES;
    if (lengthBytes < SHORTEST_FRAME || lengthBytes > longest()) {
      wiring.counters().dropped();
    } else if (!chain.read(port, buffer)) {
      return Turn.BLOCKED;
    } else {
      movedBytes += lengthBytes;
      byte[] frame = new byte[(int) lengthBytes];
      MemorySegment.copy(buffer, FrameHeader.BYTES, MemorySegment.ofArray(frame), 0, lengthBytes);
      if (!sendAsAsked(frame)) {
        wiring.counters().dropped();
      }
    }
    return queue.use(chain, 0) ? Turn.WORKED : Turn.BLOCKED;
  }

  /// Does what the header asks for.
  ///
  /// @return whether that was possible
  private boolean sendAsAsked(byte[] frame) {
    int type = buffer.get(ValueLayout.JAVA_BYTE, FrameHeader.GSO_TYPE) & 0xff;
    if (type == FrameHeader.GSO_TCPV4 && wiring.segments()) {
      return Offload.segment(frame, half(FrameHeader.GSO_SIZE), this::send) > 0;
    }
    boolean sound =
        type == FrameHeader.GSO_NONE && frame.length <= LONGEST_FRAME && hasChecksum(frame);
    if (sound) {
      send(frame);
    }
    return sound;
  }

  private void send(byte[] frame) {
    wiring.counters().sent();
    wiring.wire().accept(frame);
  }

  private boolean hasChecksum(byte[] frame) {
    int flags = buffer.get(ValueLayout.JAVA_BYTE, FrameHeader.FLAGS);
    if ((flags & FrameHeader.NEEDS_CHECKSUM) == 0) {
      return true;
    }
    int start = half(FrameHeader.CHECKSUM_START);
    return Offload.complete(frame, start, start + half(FrameHeader.CHECKSUM_OFFSET));
  }

  private int half(int offset) {
    return buffer.get(FrameHeader.SHORT, offset) & 0xffff;
  }
}
