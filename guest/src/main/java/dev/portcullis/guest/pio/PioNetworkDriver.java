package dev.portcullis.guest.pio;

import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.pci.PciException;
import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.port.InterruptVector;
import dev.portcullis.guest.port.MachineCheckException;
import dev.portcullis.guest.port.Processor;
import dev.portcullis.net.Link;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/// Drives a network card whose memory is reached through a register, 16 bits at a time: a link that
/// frames are sent to and come from. A card whose ring makes no sense is begun with anew.
public final class PioNetworkDriver implements Link, AutoCloseable {
  /// Vendor and device.
  public static final long ID = 0xd3a3_1234L;

  private static final int DATA = 0x00;
  private static final int ADDRESS = 0x02;
  private static final int LENGTH = 0x04;
  private static final int COMMAND = 0x06;
  private static final int BOUNDARY = 0x08;
  private static final int CURRENT = 0x09;
  private static final int CAUSE = 0x0a;
  private static final int MAC = 0x10;

  private static final int RECEIVE = 1;
  private static final int SEND = 2;
  private static final int STOP = 4;
  private static final int ALL_CAUSES = 3;

  private static final int PAGE_BYTES = 256;
  private static final int FIRST_PAGE = 6;
  private static final int PAGES = 256;
  private static final int LEAST_FRAME_BYTES = 14;
  private static final int MOST_FRAME_BYTES = 1518;

  /// Frames taken before others may send.
  private static final int BATCH = 64;

  private final Processor processor;
  private final PciDevice pci;
  private final long registers;
  private final InterruptVector vector;
  private final byte[] mac = new byte[6];
  private final LongAdder dropped = new LongAdder();
  private volatile Consumer<byte[]> receiver = frame -> {};
  private int boundary;
  private boolean working;

  /// Takes the card and has it work.
  ///
  /// @throws PciException if the card has no registers, or no interrupt
  public PioNetworkDriver(GuestMachine machine, PciDevice pci) throws PciException {
    this.processor = machine.processor();
    this.pci = pci;
    this.registers = pci.window(0).orElseThrow(() -> new PciException(pci, "it has no registers"));
    for (int i = 0; i < mac.length; i++) {
      mac[i] = (byte) processor.load(registers + MAC + i, 1);
    }
    pci.enableBusMaster();
    vector = pci.connect(0, this::receive);
    begin();
  }

  private synchronized void begin() {
    store(COMMAND, 1, STOP);
    boundary = FIRST_PAGE;
    store(BOUNDARY, 1, boundary);
    store(COMMAND, 1, RECEIVE);
    working = true;
  }

  private void store(int register, int widthBytes, long value) {
    processor.store(registers + register, widthBytes, value);
  }

  private int load(int register, int widthBytes) {
    return (int) processor.load(registers + register, widthBytes);
  }

  /// The card's address, 6 bytes.
  public byte[] mac() {
    return mac.clone();
  }

  /// Frames that could not be sent, or made no sense.
  public long dropped() {
    return dropped.sum();
  }

  @Override
  public void connect(Consumer<byte[]> to) {
    receiver = to;
  }

  @Override
  public synchronized void send(byte[] frame) {
    if (!working || frame.length < LEAST_FRAME_BYTES || frame.length > MOST_FRAME_BYTES) {
      dropped.increment();
      return;
    }
    try {
      store(ADDRESS, 2, 0);
      for (int at = 0; at < frame.length; at += 2) {
        int high = at + 1 < frame.length ? frame[at + 1] & 0xff : 0;
        store(DATA, 2, high << 8 | frame[at] & 0xff);
      }
      store(LENGTH, 2, frame.length);
      store(COMMAND, 1, SEND);
    } catch (MachineCheckException gone) {
      working = false;
      dropped.increment();
    }
  }

  /// Frames are handed on outside of the lock: whoever takes them may send.
  private void receive() {
    List<byte[]> frames = takeFrames();
    while (!frames.isEmpty()) {
      frames.forEach(receiver);
      frames = takeFrames();
    }
  }

  /// The cause goes first: a frame that comes later interrupts again.
  private synchronized List<byte[]> takeFrames() {
    List<byte[]> frames = new ArrayList<>();
    if (!working) {
      return frames;
    }
    try {
      store(CAUSE, 1, ALL_CAUSES);
      while (frames.size() < BATCH && load(CURRENT, 1) != boundary) {
        if (!take(frames)) {
          dropped.increment();
          begin();
          break;
        }
      }
    } catch (MachineCheckException gone) {
      working = false;
    }
    return frames;
  }

  /// @return whether what is in the ring makes sense
  private boolean take(List<byte[]> frames) {
    store(ADDRESS, 2, (long) boundary * PAGE_BYTES);
    int next = load(DATA, 2);
    int length = load(DATA, 2);
    if (next < FIRST_PAGE
        || next >= PAGES
        || length < LEAST_FRAME_BYTES
        || length > MOST_FRAME_BYTES) {
      return false;
    }
    byte[] frame = new byte[length];
    for (int at = 0; at < length; at += 2) {
      int word = load(DATA, 2);
      frame[at] = (byte) word;
      if (at + 1 < length) {
        frame[at + 1] = (byte) (word >>> 8);
      }
    }
    boundary = next;
    store(BOUNDARY, 1, boundary);
    frames.add(frame);
    return true;
  }

  /// Gives the card back.
  @Override
  public synchronized void close() {
    working = false;
    try {
      store(COMMAND, 1, STOP);
    } catch (MachineCheckException gone) {
      // It was pulled out: it does nothing more.
    }
    pci.disableBusMaster();
    vector.close();
  }
}
