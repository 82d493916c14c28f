package dev.portcullis.devices.disk;

import dev.portcullis.devices.thread.Threads;
import dev.portcullis.devices.virtio.Chain;
import dev.portcullis.devices.virtio.SplitQueue;
import dev.portcullis.devices.virtio.SplitQueue.Look;
import dev.portcullis.devices.virtio.SplitQueue.Signal;
import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// The thread that carries out the requests of a virtio disk, one after the other, from DRIVER_OK
/// to the next reset or failure.
final class BlockWorker implements Runnable {
  private static final int STATUS_BYTES = 1;

  /// What a look at the queue has come to.
  private enum Turn {
    IDLE,
    WORKED,
    FAILED
  }

  /// Who hears of what the worker does.
  interface Listener {
    void used();

    void failed();
  }

  private final UpstreamPort port;
  private final Optional<SplitQueue> requests;
  private final Optional<Chain> chain;
  private final Requests disk;
  private final Listener listener;
  private final MemorySegment said = buffer(Requests.HEADER_BYTES);
  private final MemorySegment answer = buffer(STATUS_BYTES);
  private final Thread thread;
  private volatile boolean stopping;

  /// @param requests none if the driver has set no queue up: then there is nothing to do
  BlockWorker(UpstreamPort port, Optional<SplitQueue> requests, Requests disk, Listener listener) {
    this.port = port;
    this.requests = requests;
    this.chain = requests.map(SplitQueue::chain);
    this.disk = disk;
    this.listener = listener;
    thread = Thread.ofPlatform().daemon().name("virtio-blk").unstarted(this);
  }

  private static MemorySegment buffer(int besideDataBytes) {
    return Arena.ofAuto().allocate(VirtioBlock.MOST_BYTES + besideDataBytes, 64);
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
    while (!stopping && turn != Turn.FAILED) {
      turn = requests.map(this::turn).orElse(Turn.IDLE);
      if (turn == Turn.IDLE) {
        turn = turnAfterAsking();
      }
    }
    if (turn == Turn.FAILED) {
      listener.failed();
    }
  }

  /// Looks once more after it has said that it wants to be told, then waits.
  private Turn turnAfterAsking() {
    if (!requests.map(SplitQueue::askForNotice).orElse(true)) {
      return Turn.FAILED;
    }
    Turn turn = requests.map(this::turn).orElse(Turn.IDLE);
    if (turn == Turn.IDLE && !stopping) {
      LockSupport.park(this);
    }
    return turn;
  }

  private Turn turn(SplitQueue queue) {
    Look look = queue.next(chain.orElseThrow());
    if (look == Look.NOTHING) {
      return Turn.IDLE;
    }
    if (look != Look.CHAIN || !serve(queue, chain.orElseThrow())) {
      return Turn.FAILED;
    }
    Signal signal = queue.publish();
    if (signal == Signal.WANTED) {
      listener.used();
    }
    return signal == Signal.UNREACHABLE ? Turn.FAILED : Turn.WORKED;
  }

  /// A request without a whole header or room for its status breaks the rules, and so does one that
  /// is longer than the device has said it may be.
  ///
  /// @return whether the device can go on
  private boolean serve(SplitQueue queue, Chain request) {
    long saidBytes = request.readableBytes();
    long answerBytes = request.writableBytes();
    if (saidBytes < Requests.HEADER_BYTES
        || saidBytes > said.byteSize()
        || answerBytes < STATUS_BYTES
        || answerBytes > answer.byteSize()
        || !request.read(port, said)) {
      return false;
    }
    long dataBytes = answerBytes - STATUS_BYTES;
    MemorySegment data = answer.asSlice(0, dataBytes);
    data.fill((byte) 0);
    Requests.Status status = disk.carryOut(said.asSlice(0, saidBytes), data);
    answer.set(ValueLayout.JAVA_BYTE, dataBytes, (byte) status.ordinal());
    return request.write(port, answer, 0, answerBytes) && queue.use(request, answerBytes);
  }
}
