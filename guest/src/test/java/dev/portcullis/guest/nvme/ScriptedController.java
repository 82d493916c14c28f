package dev.portcullis.guest.nvme;

import dev.portcullis.pci.Bar;
import dev.portcullis.pci.FunctionHeader;
import dev.portcullis.pci.Msix;
import dev.portcullis.pci.PciExpress;
import dev.portcullis.pci.PciFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/// A controller that breaks the rules as it is told to. It works while its doorbell is rung, and
/// its disk forgets everything: reads leave the buffer as it is.
final class ScriptedController extends PciFunction {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final long STRIDE_LOG2 = 1;
  private static final int ENTRIES = 64;
  private static final int QUEUES = 3;

  /// What is wrong with it.
  enum Vice {
    NONE,
    /// It never says that it is ready.
    NEVER_READY,
    /// It says that it has failed when it is enabled.
    FAILS_AT_ONCE,
    /// It does not answer commands for data.
    SILENT,
    /// It answers with identifiers of nothing before it answers properly.
    STRAY_ANSWERS,
    /// It fills the whole completion queue with answers to nothing but one entry.
    FLOOD,
    /// What it tells of itself is all ones.
    NONSENSE,
    /// It has no blocks.
    EMPTY,
    /// It does not answer the administrator.
    SULKS
  }

  volatile Vice vice;
  volatile int blocks = 1024;
  volatile int enabled;
  final Msix msix;
  private final long[] bases = new long[2 * QUEUES];
  private final int[] heads = new int[QUEUES];
  private final int[] completions = new int[QUEUES];
  private int configuration;
  private int status;
  private final MemorySegment page = Arena.ofAuto().allocate(4096, 8);

  ScriptedController(Vice vice) {
    this(vice, new Msix(3, 0, 0x2000, 0x3000));
  }

  private ScriptedController(Vice vice, Msix msix) {
    super(
        FunctionHeader.of(0x1234, 2).withClass(NvmeDriver.CLASS),
        List.of(new Bar(0, 0x4000, Bar.Width.MEMORY_64)),
        List.of(msix, new PciExpress(PciExpress.Kind.ENDPOINT)));
    this.vice = vice;
    this.msix = msix;
  }

  @Override
  public long readBar(int bar, long offset, int widthBytes) {
    if (msix.covers(bar, offset)) {
      return msix.readTable(offset, widthBytes);
    }
    return switch ((int) offset) {
      case 0x00 -> 1L << 37 | STRIDE_LOG2 << 32 | 1 << 16 | ENTRIES - 1;
      case 0x14 -> configuration;
      case 0x1c -> status;
      default -> 0;
    };
  }

  @Override
  public void writeBar(int bar, long offset, int widthBytes, long value) {
    if (msix.covers(bar, offset)) {
      msix.writeTable(offset, widthBytes, value);
    } else if (offset == 0x14) {
      configure((int) value);
    } else if (offset == 0x28 || offset == 0x30) {
      bases[(int) (offset - 0x28) / 8] = value;
    } else if (offset >= 0x1000) {
      int doorbell = (int) (offset - 0x1000) / (4 << STRIDE_LOG2);
      if (doorbell % 2 == 0) {
        run(doorbell / 2, (int) value);
      }
    }
  }

  @Override
  public void reset() {
    configure(0);
    super.reset();
  }

  private void configure(int value) {
    configuration = value;
    if ((value & 1) == 0) {
      status = 0;
      Arrays.fill(heads, 0);
      Arrays.fill(completions, 0);
      return;
    }
    enabled++;
    status = vice == Vice.NEVER_READY ? 0 : vice == Vice.FAILS_AT_ONCE ? 2 : 1;
  }

  private void run(int queue, int tail) {
    while (heads[queue] != tail) {
      MemorySegment command = Arena.ofAuto().allocate(64, 8);
      port().read(bases[2 * queue] + 64L * heads[queue], command, 0, 64);
      heads[queue] = (heads[queue] + 1) % ENTRIES;
      if (queue == 0) {
        administer(command);
      } else if (vice != Vice.SILENT) {
        answer(queue, command, 0);
      }
    }
  }

  private void administer(MemorySegment command) {
    if (vice == Vice.SULKS) {
      return;
    }
    int opcode = command.get(INT, 0) & 0xff;
    int low = command.get(INT, 40);
    long memory = command.get(LONG, 24);
    switch (opcode) {
      case 0x06 -> identify(memory, low);
      case 0x05, 0x01 -> {
        int queue = low & 0xffff;
        bases[2 * queue + (opcode == 0x05 ? 1 : 0)] = memory;
        heads[queue] = 0;
        completions[queue] = 0;
      }
      default -> {}
    }
    answer(0, command, opcode == 0x09 ? 0x0001_0001 : 0);
  }

  private void identify(long memory, int structure) {
    page.fill((byte) (vice == Vice.NONSENSE ? 0xff : 0));
    if (structure == 0 && vice != Vice.NONSENSE) {
      page.set(LONG, 0, vice == Vice.EMPTY ? 0 : blocks);
      page.set(INT, 128, 9 << 16);
    }
    port().write(memory, page, 0, 4096);
  }

  private void answer(int queue, MemorySegment command, int result) {
    int identifier = command.get(INT, 0) >>> 16;
    if (vice == Vice.STRAY_ANSWERS && queue != 0) {
      complete(queue, 0xffff, 0);
      complete(queue, identifier ^ 1, 0);
    }
    if (vice == Vice.FLOOD && queue != 0) {
      for (int i = 0; i < ENTRIES - 1; i++) {
        complete(queue, 0xff00 + i, 0);
      }
    }
    complete(queue, identifier, result);
    interrupts().raise(queue);
  }

  private void complete(int queue, int identifier, int result) {
    int at = completions[queue]++;
    int phase = at / ENTRIES % 2 == 0 ? 1 : 0;
    MemorySegment entry = Arena.ofAuto().allocate(16, 8);
    entry.set(INT, 0, result);
    entry.set(INT, 8, queue << 16 | heads[queue]);
    entry.set(INT, 12, phase << 16 | identifier & 0xffff);
    port().write(bases[2 * queue + 1] + 16L * (at % ENTRIES), entry, 0, 16);
  }
}
