package dev.portcullis.devices.net;

import dev.portcullis.devices.thread.Threads;
import dev.portcullis.devices.virtio.Chain;
import dev.portcullis.devices.virtio.SplitQueue;
import dev.portcullis.devices.virtio.SplitQueue.Look;
import dev.portcullis.devices.virtio.SplitQueue.Signal;
import dev.portcullis.net.Link;
import dev.portcullis.net.packet.Checksum;
import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// The thread that moves frames between the rings and the wire, from DRIVER_OK to the next reset or
/// failure.
///
/// A header of 12 bytes precedes each frame in memory: flags, GSO type (none here), header length,
/// GSO size, where the checksum starts and is, number of buffers.
///
/// @virtio 5.1 Network Device
final class Worker implements Runnable {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int HEADER_BYTES = 12;
  private static final int NEEDS_CHECKSUM = 1;
  private static final int GSO_TYPE = 1;
  private static final int CHECKSUM_START = 6;
  private static final int CHECKSUM_OFFSET = 8;
  private static final int BUFFERS = 10;
  private static final int SHORTEST_FRAME = 14;

  /// An MTU of 1500 bytes, a header, a VLAN tag.
  private static final int LONGEST_FRAME = 1518;

  /// Frames moved one way before it is the other's turn.
  private static final int BATCH = 64;

  /// What one turn of a queue has come to.
  private enum Turn {
    IDLE,
    WORKED,
    BLOCKED,
    BROKEN
  }

  /// The queues, as far as there are any.
  ///
  /// @param merging whether a frame may lie in several buffers
  record Rings(Optional<SplitQueue> receive, Optional<SplitQueue> send, boolean merging) {}

  /// What the worker works with on the far side.
  record Outside(Link wire, Backlog backlog, Counters counters) {}

  /// Who hears of what the worker does.
  interface Listener {
    void used(int queue);

    void failed();
  }

  private final UpstreamPort port;
  private final Rings rings;
  private final Outside outside;
  private final Listener listener;
  private final MemorySegment buffer = Arena.ofAuto().allocate(HEADER_BYTES + LONGEST_FRAME, 64);
  private final Optional<Chain> sending;
  private final List<Chain> receiving = new ArrayList<>();
  private final Thread thread;
  private volatile boolean stopping;

  Worker(UpstreamPort port, Rings rings, Outside outside, Listener listener) {
    this.port = port;
    this.rings = rings;
    this.outside = outside;
    this.listener = listener;
    sending = rings.send().map(SplitQueue::chain);
    thread = Thread.ofPlatform().daemon().name("virtio-net").unstarted(this);
  }

  void start() {
    thread.start();
  }

  /// There may be something to do.
  void wake() {
    LockSupport.unpark(thread);
  }

  /// Returns when the thread has gone.
  void stop() {
    stopping = true;
    wake();
    Threads.awaitEnd(thread);
  }

  @Override
  public void run() {
    Turn turn = Turn.WORKED;
    while (!stopping && (turn == Turn.IDLE || turn == Turn.WORKED)) {
      turn = turn();
      if (turn == Turn.IDLE) {
        turn = turnAfterAsking();
      }
    }
    if (turn == Turn.BLOCKED) {
      outside.counters().blocked();
      listener.failed();
    } else if (turn == Turn.BROKEN) {
      outside.counters().broken();
      listener.failed();
    }
  }

  /// Looks once more after it has said that it wants to be told, then waits.
  private Turn turnAfterAsking() {
    boolean asked =
        rings.send().map(SplitQueue::askForNotice).orElse(true)
            && rings.receive().map(SplitQueue::askForNotice).orElse(true);
    Turn turn = asked ? turn() : Turn.BLOCKED;
    if (turn == Turn.IDLE && !stopping) {
      LockSupport.park(this);
    }
    return turn;
  }

  private Turn turn() {
    Turn sent = rings.send().map(this::send).orElse(Turn.IDLE);
    if (sent == Turn.BLOCKED || sent == Turn.BROKEN) {
      return sent;
    }
    Turn received = rings.receive().map(this::receive).orElse(Turn.IDLE);
    return received == Turn.IDLE ? sent : received;
  }

  private Turn send(SplitQueue queue) {
    Chain chain = sending.orElseThrow();
    Turn turn = Turn.IDLE;
    for (int i = 0; i < BATCH && !stopping; i++) {
      Look look = queue.next(chain);
      if (look == Look.NOTHING) {
        break;
      }
      turn = look == Look.CHAIN ? sendOne(queue, chain) : failure(look);
      if (turn != Turn.WORKED) {
        return turn;
      }
    }
    return announce(queue, VirtioNet.SEND, turn);
  }

  private static Turn failure(Look look) {
    return look == Look.UNREACHABLE ? Turn.BLOCKED : Turn.BROKEN;
  }

  private Turn announce(SplitQueue queue, int number, Turn turn) {
    Signal signal = queue.publish();
    if (signal == Signal.WANTED) {
      listener.used(number);
    }
    return signal == Signal.UNREACHABLE ? Turn.BLOCKED : turn;
  }

  /// A frame of no legal length, or with a checksum to be put outside of it, is dropped.
  private Turn sendOne(SplitQueue queue, Chain chain) {
    long lengthBytes = chain.readableBytes() - HEADER_BYTES;
    if (lengthBytes < SHORTEST_FRAME || lengthBytes > LONGEST_FRAME) {
      outside.counters().dropped();
    } else if (!chain.read(port, buffer)) {
      return Turn.BLOCKED;
    } else {
      byte[] frame = new byte[(int) lengthBytes];
      MemorySegment.copy(buffer, HEADER_BYTES, MemorySegment.ofArray(frame), 0, lengthBytes);
      if (finish(frame)) {
        outside.counters().sent();
        outside.wire().send(frame);
      } else {
        outside.counters().dropped();
      }
    }
    return queue.use(chain, 0) ? Turn.WORKED : Turn.BLOCKED;
  }

  /// Does what the header asks for.
  ///
  /// @return whether that was possible
  private boolean finish(byte[] frame) {
    if (buffer.get(ValueLayout.JAVA_BYTE, GSO_TYPE) != 0) {
      return false;
    }
    if ((buffer.get(ValueLayout.JAVA_BYTE, 0) & NEEDS_CHECKSUM) == 0) {
      return true;
    }
    int start = buffer.get(SHORT, CHECKSUM_START) & 0xffff;
    int at = start + (buffer.get(SHORT, CHECKSUM_OFFSET) & 0xffff);
    if (at + 2 > frame.length) {
      return false;
    }
    int checksum = Checksum.finish(Checksum.add(0, frame, start, frame.length - start));
    // A UDP checksum of 0 would mean that there is none; in TCP the two are the same.
    int written = checksum == 0 ? 0xffff : checksum;
    frame[at] = (byte) (written >>> 8);
    frame[at + 1] = (byte) written;
    return true;
  }

  private Turn receive(SplitQueue queue) {
    Turn turn = Turn.IDLE;
    for (int i = 0; i < BATCH && !stopping; i++) {
      byte[] frame = outside.backlog().peek();
      Turn next = frame == null ? Turn.IDLE : receiveOne(queue, frame);
      if (next == Turn.IDLE) {
        break;
      }
      if (next != Turn.WORKED) {
        return next;
      }
      turn = next;
      outside.backlog().remove();
    }
    return announce(queue, VirtioNet.RECEIVE, turn);
  }

  /// Takes as many buffers as the frame needs; with too few there, none, and the frame waits.
  private Turn receiveOne(SplitQueue queue, byte[] frame) {
    int neededBytes = HEADER_BYTES + frame.length;
    int most = rings.merging() ? queue.size() : 1;
    int position = queue.position();
    long found = 0;
    int count = 0;
    while (found < neededBytes && count < most && frame.length <= LONGEST_FRAME) {
      if (receiving.size() == count) {
        receiving.add(queue.chain());
      }
      Look look = queue.next(receiving.get(count));
      if (look == Look.NOTHING) {
        queue.rewind(position);
        return Turn.IDLE;
      } else if (look != Look.CHAIN) {
        return failure(look);
      }
      found += receiving.get(count++).writableBytes();
    }
    if (found < neededBytes) {
      queue.rewind(position);
      outside.counters().dropped();
      return Turn.WORKED;
    }
    return fill(queue, frame, count) ? Turn.WORKED : Turn.BLOCKED;
  }

  private boolean fill(SplitQueue queue, byte[] frame, int count) {
    buffer.asSlice(0, HEADER_BYTES).fill((byte) 0);
    buffer.set(SHORT, BUFFERS, (short) count);
    MemorySegment.copy(MemorySegment.ofArray(frame), 0, buffer, HEADER_BYTES, frame.length);
    long left = HEADER_BYTES + frame.length;
    long done = 0;
    for (Chain chain : receiving.subList(0, count)) {
      long now = Math.min(left - done, chain.writableBytes());
      if (!chain.write(port, buffer, done, now) || !queue.use(chain, now)) {
        return false;
      }
      done += now;
    }
    outside.counters().received();
    return true;
  }
}
