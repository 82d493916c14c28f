package dev.portcullis.machine.bus;

import dev.portcullis.qtest.server.InterruptInputs.Level;
import dev.portcullis.unit.event.MessageSink;

/// Where interrupt messages end, FEE00000h to FEEFFFFFh: each raises and lowers the input numbered
/// as its vector, the low byte of its data. A processor's write of four bytes is such a message,
/// too.
public final class MessageWindow implements MessageSink, Window.Target {
  public static final long BASE = 0xfee0_0000L;
  public static final long SIZE_BYTES = 1 << 20;

  private final InputPins vectors;

  /// @param vectors 256 inputs
  public MessageWindow(InputPins vectors) {
    this.vectors = vectors;
  }

  @Override
  public void send(long address, int data) {
    synchronized (vectors) {
      vectors.drive(data & 0xff, Level.HIGH);
      vectors.drive(data & 0xff, Level.LOW);
    }
  }

  @Override
  public long read(long offset, int widthBytes) {
    return -1;
  }

  @Override
  public void write(long offset, int widthBytes, long value) {
    if (widthBytes == 4) {
      send(BASE + offset, (int) value);
    }
  }
}
