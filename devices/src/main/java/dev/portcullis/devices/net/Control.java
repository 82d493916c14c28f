package dev.portcullis.devices.net;

import dev.portcullis.devices.virtio.Chain;
import dev.portcullis.devices.virtio.SplitQueue;
import dev.portcullis.devices.virtio.SplitQueue.Look;
import dev.portcullis.devices.virtio.SplitQueue.Signal;
import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Serves the queue of commands: what the driver reads of each is one byte, whether it was carried
/// out.
///
/// @virtio 5.1 Network Device
final class Control implements QueueService {
  private static final int MOST_COMMAND_BYTES = 16 << 10;
  private static final byte DONE = 0;
  private static final byte REFUSED = 1;

  /// Carries commands out.
  @FunctionalInterface
  interface Commands {
    /// @param command class, command, and what belongs to it
    /// @return whether it was carried out
    boolean carryOut(ByteBuffer command);
  }

  private final UpstreamPort port;
  private final SplitQueue queue;
  private final Commands commands;
  private final Runnable used;
  private final Chain chain;
  private final MemorySegment buffer = Arena.ofAuto().allocate(MOST_COMMAND_BYTES, 64);

  Control(UpstreamPort port, SplitQueue queue, Commands commands, Runnable used) {
    this.port = port;
    this.queue = queue;
    this.commands = commands;
    this.used = used;
    chain = queue.chain();
  }

  @Override
  public boolean askForNotice() {
    return queue.askForNotice();
  }

  @Override
  public Turn turn() {
    Look look = queue.next(chain);
    Turn turn =
        switch (look) {
          case NOTHING -> Turn.IDLE;
          case CHAIN -> carryOut();
          case BROKEN, UNREACHABLE -> Turn.failure(look);
        };
    if (turn.isFailure()) {
      return turn;
    }
    Signal signal = queue.publish();
    if (signal == Signal.WANTED) {
      used.run();
    }
    return turn.after(signal);
  }

  /// A command without room for an answer contradicts itself.
  private Turn carryOut() {
    if (chain.writableBytes() == 0) {
      return Turn.BROKEN;
    }
    boolean done = false;
    long lengthBytes = chain.readableBytes();
    if (lengthBytes >= 2 && lengthBytes <= MOST_COMMAND_BYTES) {
      if (!chain.read(port, buffer)) {
        return Turn.BLOCKED;
      }
      byte[] command = buffer.asSlice(0, lengthBytes).toArray(ValueLayout.JAVA_BYTE);
      done = commands.carryOut(ByteBuffer.wrap(command).order(ByteOrder.LITTLE_ENDIAN));
    }
    buffer.set(ValueLayout.JAVA_BYTE, 0, done ? DONE : REFUSED);
    boolean reached = chain.write(port, buffer, 0, 1) && queue.use(chain, 1);
    return reached ? Turn.WORKED : Turn.BLOCKED;
  }
}
