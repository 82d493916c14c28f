package dev.portcullis.driver.dmaengine;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.Patience;
import dev.portcullis.pci.PciFunction;

/// A driver of the DMA engine, after `docs/devices/dma-engine.md`: knows the function by its
/// configuration space and its window alone.
public final class DmaEngineDriver {
  private static final int PATIENCE_SECONDS = 20;
  private static final int IDENTIFICATION = 0x414d_4450;
  private static final int EXTENDED = 0x100;
  private static final int ATS = 0x0f;
  private static final int PRI = 0x13;
  private static final int PASID = 0x1b;
  private static final int MSIX = 0x11;
  private static final int MESSAGES = 0x40;

  private final PciFunction function;
  private final Words memory;

  /// Memory as the processor sees it.
  public interface Words {
    long read(long hpa);

    void write(long hpa, long value);
  }

  /// Takes the engine over: with PASIDs, translations and up to 16 outstanding page requests.
  public DmaEngineDriver(PciFunction function, Words memory) {
    this.function = function;
    this.memory = memory;
    if (function.readBar(0, 0, 4) != IDENTIFICATION) {
      throw new AssertionError("no DMA engine: %#x".formatted(function.readBar(0, 0, 4)));
    }
    function.writeConfig(extended(PASID) + 6, 2, 1);
    ats(true);
    pageRequests(true);
    for (int vector = 0; vector < channels(); vector++) {
      function.writeBar(0, 0x8000 + 16L * vector, 8, 0xfee0_0000L);
      function.writeBar(0, 0x8008 + 16L * vector, 8, MESSAGES + vector);
    }
    function.writeConfig(compatible(MSIX) + 2, 2, 0x8000);
  }

  private static void await(String what, Patience.Condition condition) {
    try {
      Patience.ofSeconds(PATIENCE_SECONDS).await(what, condition);
    } catch (DriverException late) {
      throw new AssertionError(late);
    }
  }

  private int channels() {
    return (int) function.readBar(0, 8, 4) & 0xff;
  }

  /// Data of the message by which channel `number` interrupts.
  public static int messageOf(int number) {
    return MESSAGES + number;
  }

  private int extended(int id) {
    int at = EXTENDED;
    while ((function.readConfig(at, 4) & 0xffff) != id) {
      at = (int) (function.readConfig(at, 4) >> 20);
    }
    return at;
  }

  private int compatible(int id) {
    int at = (int) function.readConfig(0x34, 1);
    while (function.readConfig(at, 1) != id) {
      at = (int) function.readConfig(at + 1, 1);
    }
    return at;
  }

  /// Enables or disables translation services.
  public void ats(boolean on) {
    function.writeConfig(extended(ATS) + 6, 2, on ? 0x8000 : 0);
  }

  /// Enables or disables page requests.
  public void pageRequests(boolean on) {
    function.writeConfig(extended(PRI) + 12, 4, 16);
    function.writeConfig(extended(PRI) + 4, 2, on ? 1 : 0);
  }

  /// The status register of the page request interface.
  public int pageRequestStatus() {
    return (int) function.readConfig(extended(PRI) + 6, 2);
  }

  /// Translations the engine has asked for.
  public long translationsAsked() {
    return function.readBar(0, 0x10, 8);
  }

  /// Channel `number`, running in the address space of `pasid`.
  ///
  /// @param iova of a page that is to hold ring and records, mapped to `hpa`
  public Channel channel(int number, int pasid, long iova, long hpa) {
    return new Channel(number, pasid, iova, hpa);
  }

  /// How a descriptor ended.
  public record Result(int status, long doneBytes, long detail, int pagesAsked) {
    public static final int SUCCESS = 1;
    public static final int REFUSED = 3;
    public static final int PAGE_INVALID = 6;
    public static final int PAGE_UNAVAILABLE = 7;
    public static final int STOPPED = 9;
  }

  /// A channel: 32 descriptors in the first half of its page, their records in the second.
  public final class Channel {
    private static final int ENTRIES_LOG2 = 5;
    private static final int ENTRIES = 1 << ENTRIES_LOG2;
    private static final int RECORDS = 0x800;
    private static final int ENABLE = 1;
    private static final int WITH_PASID = 2;
    private static final int MARK_STOP = 8;
    private static final int RETRIES = 200;
    private static final int COPY = 1;
    private static final int FILL = 2;
    private static final int FETCH_ADD = 3;
    private static final int RECORD = 0x100;
    private static final int INTERRUPT = 0x200;

    private final long registers;
    private final long iova;
    private final long hpa;
    private int tail;

    private Channel(int number, int pasid, long iova, long hpa) {
      this.registers = 0x1000 + 0x100L * number;
      this.iova = iova;
      this.hpa = hpa;
      write(0x08, 4, pasid);
      write(0x0c, 4, number);
      write(0x10, 8, iova);
      write(0x18, 4, ENTRIES_LOG2);
      write(0x00, 4, ENABLE | WITH_PASID | MARK_STOP | 4 << 8 | RETRIES << 16);
    }

    private void write(int offset, int widthBytes, long value) {
      function.writeBar(0, registers + offset, widthBytes, value);
    }

    private long read(int offset, int widthBytes) {
      return function.readBar(0, registers + offset, widthBytes);
    }

    /// Starts a copy.
    ///
    /// @return where to look for its end
    public int copy(long from, long to, long bytes) {
      return submit(COPY | RECORD, from, to, bytes, 0);
    }

    /// Starts to fill with `pattern`.
    public int fill(long to, long bytes, long pattern) {
      return submit(FILL | RECORD, 0, to, bytes, pattern);
    }

    /// Starts to add to the eight bytes at `to`, and interrupts when it has.
    public int add(long to, long addend) {
      return submit(FETCH_ADD | RECORD | INTERRUPT, 0, to, 0, addend);
    }

    private int submit(long first, long source, long destination, long bytes, long operand) {
      int index = tail;
      long at = hpa + 64L * index;
      memory.write(recordAt(index), 0);
      long[] words = {
        first, source, destination, bytes, operand, 0, iova + RECORDS + 32L * index, 0
      };
      for (int i = 0; i < words.length; i++) {
        memory.write(at + 8L * i, words[i]);
      }
      tail = tail + 1 & ENTRIES - 1;
      write(0x1c, 4, tail);
      return index;
    }

    private long recordAt(int index) {
      return hpa + RECORDS + 32L * index;
    }

    /// Whether a descriptor has ended.
    public boolean isDone(int index) {
      return (memory.read(recordAt(index)) & 0xff) != 0;
    }

    /// How a descriptor ended; waits for it.
    public Result result(int index) {
      await("completion record", () -> isDone(index));
      long at = recordAt(index);
      return new Result(
          (int) memory.read(at) & 0xff,
          memory.read(at + 8),
          memory.read(at + 16),
          (int) memory.read(at + 24));
    }

    /// Stops, and returns when it has.
    public void stop() {
      write(0x00, 4, 0);
      await("channel stopped", () -> (read(0x04, 4) & 3) == 0);
    }

    /// Why it halted; waits until it does.
    public int error() {
      await("channel halted", () -> (read(0x04, 4) & 3) == 3);
      return (int) read(0x04, 4) >> 8 & 0xff;
    }
  }
}
