package dev.portcullis.machine.wire;

import dev.portcullis.devices.thread.Threads;
import dev.portcullis.devices.wire.Wire;
import dev.portcullis.linux.LinuxException;
import dev.portcullis.linux.NativeBuffer;
import dev.portcullis.linux.Tap;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/// A wire to an interface of this host: a TAP device. Frames that its kernel does not take are
/// lost. Addresses, and whether the interface is up, are the host's business.
public final class TapWire implements Wire {
  private static final System.Logger LOG = System.getLogger(TapWire.class.getName());
  private static final int LONGEST_FRAME = 65_535 + 18;

  private final String name;
  private final Tap tap;
  private final NativeBuffer incoming = NativeBuffer.allocate(LONGEST_FRAME);
  private final NativeBuffer outgoing = NativeBuffer.allocate(LONGEST_FRAME);
  private final Thread reader;
  private volatile Consumer<byte[]> receiver = frame -> {};

  /// @param name of the interface; made if it is not there
  /// @throws LinuxException as [Tap#open]
  public TapWire(String name) throws LinuxException {
    this.name = name;
    tap = Tap.open(name);
    reader = Thread.ofPlatform().daemon().name("tap-" + name).start(this::readAll);
  }

  @Override
  public void connect(Consumer<byte[]> to) {
    receiver = to;
  }

  private void readAll() {
    try {
      int length = tap.read(incoming);
      while (length >= 0) {
        if (length > 0) {
          byte[] frame = new byte[length];
          MemorySegment.copy(incoming.bytes(), 0, MemorySegment.ofArray(frame), 0, length);
          receiver.accept(frame);
        }
        length = tap.read(incoming);
      }
    } catch (LinuxException gone) {
      LOG.log(Level.WARNING, "{0} is lost: {1}", name, gone.getMessage());
    }
  }

  @Override
  public synchronized void send(byte[] frame) {
    if (frame.length > LONGEST_FRAME) {
      return;
    }
    MemorySegment.copy(MemorySegment.ofArray(frame), 0, outgoing.bytes(), 0, frame.length);
    try {
      boolean _ = tap.write(outgoing, frame.length);
    } catch (LinuxException gone) {
      LOG.log(Level.DEBUG, "{0} takes no frame: {1}", name, gone.getMessage());
    }
  }

  @Override
  public void close() {
    tap.close();
    Threads.awaitEnd(reader);
  }
}
