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
import java.util.ArrayList;
import java.util.List;

/// Serves a queue of buffers for frames that come out of the wire.
final class Receiver implements QueueService {

  /// How frames lie in buffers.
  ///
  /// @param merging whether a frame may lie in several
  /// @param verifying whether the driver is told that a checksum was found right
  record Manner(boolean merging, boolean verifying) {}

  /// What counts: for the card, and for the pair.
  record Counts(Counters card, QueueCounter pair) {}

  private final UpstreamPort port;
  private final SplitQueue queue;
  private final Manner manner;
  private final Counts counts;
  private final int limit;
  private final Runnable used;
  private final Backlog backlog = new Backlog();
  private final MemorySegment buffer =
      Arena.ofAuto().allocate(FrameHeader.BYTES + Sender.LONGEST_FRAME, 64);
  private final List<Chain> chains = new ArrayList<>();
  private boolean paused;

  Receiver(UpstreamPort port, SplitQueue queue, Manner manner, Counts counts, Runnable used) {
    this.port = port;
    this.queue = queue;
    this.manner = manner;
    this.counts = counts;
    this.limit = QueueCounter.limit(BATCH, queue.size());
    this.used = used;
  }

  /// Takes a frame from the wire, on any thread.
  ///
  /// @return whether there was room
  boolean offer(byte[] frame) {
    return backlog.offer(frame);
  }

  /// Puts nothing into the queue any more, or does so again. Returns when that is so.
  synchronized void pause(boolean still) {
    paused = still;
    if (still) {
      backlog.clear();
    }
  }

  @Override
  public boolean askForNotice() {
    return queue.askForNotice();
  }

  @Override
  public synchronized Turn turn() {
    Turn turn = Turn.IDLE;
    int count = 0;
    long movedBytes = 0;
    while (count < BATCH && !paused) {
      byte[] frame = backlog.peek();
      Turn next = frame == null ? Turn.IDLE : receiveOne(frame);
      if (next == Turn.IDLE) {
        break;
      }
      if (next.isFailure()) {
        return next;
      }
      turn = next;
      backlog.remove();
      count++;
      movedBytes += frame.length;
    }
    if (count > 0) {
      counts.pair().served(count, count >= limit, movedBytes);
    }
    Signal signal = queue.publish();
    if (signal == Signal.WANTED) {
      used.run();
    }
    return turn.after(signal);
  }

  /// Takes as many buffers as the frame needs; with too few there, none, and the frame waits.
  private Turn receiveOne(byte[] frame) {
    int neededBytes = FrameHeader.BYTES + frame.length;
    int most = manner.merging() ? queue.size() : 1;
    int position = queue.position();
    long found = 0;
    int count = 0;
    while (found < neededBytes && count < most && frame.length <= Sender.LONGEST_FRAME) {
      if (chains.size() == count) {
        chains.add(queue.chain());
      }
      Look look = queue.next(chains.get(count));
      if (look == Look.NOTHING) {
        queue.rewind(position);
        return Turn.IDLE;
      } else if (look != Look.CHAIN) {
        return Turn.failure(look);
      }
      found += chains.get(count++).writableBytes();
    }
    if (found < neededBytes) {
      queue.rewind(position);
      counts.card().dropped();
      return Turn.WORKED;
    }
    return fill(frame, count) ? Turn.WORKED : Turn.BLOCKED;
  }

  private boolean fill(byte[] frame, int count) {
    buffer.asSlice(0, FrameHeader.BYTES).fill((byte) 0);
    if (manner.verifying() && Offload.isVerified(frame)) {
      buffer.set(ValueLayout.JAVA_BYTE, FrameHeader.FLAGS, (byte) FrameHeader.DATA_VALID);
    }
    buffer.set(FrameHeader.SHORT, FrameHeader.BUFFERS, (short) count);
    MemorySegment.copy(MemorySegment.ofArray(frame), 0, buffer, FrameHeader.BYTES, frame.length);
    long left = FrameHeader.BYTES + frame.length;
    long done = 0;
    for (Chain chain : chains.subList(0, count)) {
      long now = Math.min(left - done, chain.writableBytes());
      if (!chain.write(port, buffer, done, now) || !queue.use(chain, now)) {
        return false;
      }
      done += now;
    }
    counts.card().received();
    return true;
  }
}
