package dev.portcullis.devices.dma;

import dev.portcullis.devices.dma.ChannelWorker.Outcome;
import dev.portcullis.pci.PasidPrefix;

/// One channel: its registers, and the thread that works while it is enabled.
///
/// Registers are doublewords; those that say how the channel works hold still while it does.
final class Channel {
  static final int CONTROL = 0x00;
  static final int STATUS = 0x04;
  static final int PASID = 0x08;
  static final int VECTOR = 0x0c;
  static final int RING_LOW = 0x10;
  static final int RING_HIGH = 0x14;
  static final int RING_SIZE = 0x18;
  static final int TAIL = 0x1c;
  static final int HEAD = 0x20;
  static final int FAULT_LOW = 0x28;
  static final int FAULT_HIGH = 0x2c;

  static final int ENABLE = 1;
  static final int USE_PASID = 1 << 1;
  static final int PRIVILEGED = 1 << 2;
  static final int MARK_STOP = 1 << 3;
  private static final int PAGES_SHIFT = 8;
  private static final int RETRIES_SHIFT = 16;
  private static final int CONTROL_WRITABLE = 0xff_ff_0f;

  private static final int ERROR_SHIFT = 8;
  static final int MOST_ENTRIES_LOG2 = 12;

  /// What a channel is doing; the ordinal is what the status register holds.
  enum State {
    STOPPED,
    RUNNING,
    /// Told to stop, and not there yet.
    STOPPING,
    /// An error has stopped it; software has not taken note.
    HALTED
  }

  private final Parts parts;
  private final String name;
  private int control;
  private int pasid;
  private int vector;
  private long ring;
  private int sizeLog2;
  private State state = State.STOPPED;
  private ChannelError error = ChannelError.NONE;
  private long fault;
  private ChannelWorker worker;

  Channel(String name, Parts parts) {
    this.name = name;
    this.parts = parts;
  }

  synchronized int read(int offset) {
    return switch (offset) {
      case CONTROL -> control;
      case STATUS -> state.ordinal() | error.ordinal() << ERROR_SHIFT;
      case PASID -> pasid;
      case VECTOR -> vector;
      case RING_LOW -> (int) ring;
      case RING_HIGH -> (int) (ring >>> 32);
      case RING_SIZE -> sizeLog2;
      case TAIL -> worker == null ? 0 : worker.tail();
      case HEAD -> worker == null ? 0 : worker.head();
      case FAULT_LOW -> (int) fault;
      case FAULT_HIGH -> (int) (fault >>> 32);
      default -> 0;
    };
  }

  synchronized void write(int offset, int value) {
    if (offset == CONTROL) {
      writeControl(value & CONTROL_WRITABLE);
    } else if (offset == TAIL) {
      if (worker != null) {
        worker.submit(value);
      }
    } else if (state == State.STOPPED) {
      configure(offset, value);
    }
  }

  private void configure(int offset, int value) {
    switch (offset) {
      case PASID -> pasid = value & PasidPrefix.LARGEST;
      case VECTOR -> vector = value & 0xffff;
      case RING_LOW -> ring = ring & -1L << 32 | value & 0xffff_ffc0L;
      case RING_HIGH -> ring = ring & 0xffff_ffffL | (long) value << 32;
      case RING_SIZE -> sizeLog2 = Math.min(value & 0xff, MOST_ENTRIES_LOG2);
      default -> {}
    }
  }

  private void writeControl(int value) {
    boolean on = (value & ENABLE) != 0;
    switch (state) {
      case STOPPED -> {
        control = value;
        if (on) {
          start();
        }
      }
      case RUNNING -> {
        if (!on) {
          stop();
        }
      }
      case STOPPING -> {}
      case HALTED -> {
        if (!on) {
          control = value;
          error = ChannelError.NONE;
          state = State.STOPPED;
        }
      }
    }
  }

  private void start() {
    fault = 0;
    error = ChannelError.NONE;
    state = State.RUNNING;
    worker = new ChannelWorker(name, parts, settings(), this::ended);
    worker.start();
  }

  private ChannelWorker.Settings settings() {
    int prefix = PasidPrefix.NONE;
    if ((control & USE_PASID) != 0) {
      prefix = PasidPrefix.of(pasid) | ((control & PRIVILEGED) != 0 ? PasidPrefix.PRIVILEGED : 0);
    }
    int pages = control >> PAGES_SHIFT & 0xff;
    int retries = Math.max(1, control >> RETRIES_SHIFT & 0xff);
    return new ChannelWorker.Settings(
        new AddressSpace.Settings(prefix, pages, retries),
        ring,
        1 << sizeLog2,
        vector,
        (control & MARK_STOP) != 0);
  }

  private void stop() {
    control &= ~ENABLE;
    state = State.STOPPING;
    worker.stop();
  }

  /// The worker's last words; software hears of an error.
  private void ended(Outcome outcome) {
    synchronized (this) {
      error = outcome.error();
      fault = outcome.fault();
      boolean halted = error != ChannelError.NONE && state == State.RUNNING;
      state = halted ? State.HALTED : State.STOPPED;
      notifyAll();
    }
    if (outcome.error() != ChannelError.NONE) {
      parts.interrupt(vector);
    }
  }

  /// Stops, forgets everything, and returns when nothing is under way.
  void reset() {
    ChannelWorker running;
    synchronized (this) {
      if (state == State.RUNNING) {
        stop();
      }
      running = worker;
    }
    if (running != null) {
      running.awaitEnd();
    }
    synchronized (this) {
      worker = null;
      control = 0;
      pasid = 0;
      vector = 0;
      ring = 0;
      sizeLog2 = 0;
      fault = 0;
      error = ChannelError.NONE;
      state = State.STOPPED;
    }
  }
}
