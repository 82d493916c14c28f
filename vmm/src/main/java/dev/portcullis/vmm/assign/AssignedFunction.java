package dev.portcullis.vmm.assign;

import dev.portcullis.driver.interrupt.InterruptBlock;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.pci.ConfigRegisters;
import dev.portcullis.pci.Msi;
import dev.portcullis.pci.Msix;
import dev.portcullis.pci.PciExpress;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.interrupt.RemappableFormat;
import dev.portcullis.vmm.interrupt.Delivery;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/// An assigned function as its partition sees it: the function itself, but for the messages of its
/// interrupts. Software programs messages that mean something in the partition; the function gets
/// ones that name its entries in the unit's interrupt table, and the entries lead to the partition.
/// Software reads back what it has written. A function that has an interrupt pin shows none.
public final class AssignedFunction extends PciFunction {
  private static final int BARS_END = 0x28;
  private static final int ENTRY_BYTES = 16;
  private static final int ENTRY_WORDS = 3;
  private static final int MASKED = 1;
  private static final int MSI_ADDRESS = 0x04;
  private static final int MSI_DATA = 0x0c;

  private final RequesterId at;
  private final PciFunction function;
  private final Optional<InterruptBlock> block;
  private final Delivery delivery;
  private final Consumer<DriverException> onFailure;
  private final Optional<Msix> msix;
  private final Optional<Msi> msi;
  private final Optional<PciExpress> express;

  /// What software has written into its MSI-X table: three words an entry.
  private final int[] messages;

  /// Accesses that the monitor had to carry out itself.
  private final LongAdder interceptions = new LongAdder();

  private long msiAddress;
  private int msiData;

  /// @param block its entries in the interrupt table; empty if interrupts are not remapped: then it
  ///   interrupts nobody
  /// @param onFailure told when an entry cannot be written; the interrupt is refused then
  public AssignedFunction(
      RequesterId at,
      PciFunction function,
      Optional<InterruptBlock> block,
      Delivery delivery,
      Consumer<DriverException> onFailure) {
    super(function.bars());
    this.at = at;
    this.function = function;
    this.block = block;
    this.delivery = delivery;
    this.onFailure = onFailure;
    this.msix = capability(function, Msix.class);
    this.msi = capability(function, Msi.class);
    this.express = capability(function, PciExpress.class);
    this.messages = new int[msix.map(Msix::vectors).orElse(0) * ENTRY_WORDS];
    mirror();
  }

  private static <C> Optional<C> capability(PciFunction function, Class<C> kind) {
    return function.capabilities().stream().filter(kind::isInstance).map(kind::cast).findFirst();
  }

  /// How many entries of the interrupt table a function can use.
  public static int messages(PciFunction function) {
    int table = capability(function, Msix.class).map(Msix::vectors).orElse(0);
    return Math.max(table, capability(function, Msi.class).map(Msi::vectors).orElse(0));
  }

  /// Its own requester ID: where the machine has it, wherever the partition sees it.
  public RequesterId at() {
    return at;
  }

  /// How many accesses the monitor had to carry out itself: those to configuration space and to the
  /// table of messages. All others are the function's own business.
  public long interceptions() {
    return interceptions.sum();
  }

  @Override
  public synchronized long readConfig(int offset, int widthBytes) {
    interceptions.increment();
    long value = function.readConfig(offset, widthBytes);
    // Deviation: it has no pin here; what a pin sends passes no interrupt table.
    value = overlay(value, offset, widthBytes, ConfigRegisters.INTERRUPT_PIN, 1, 0);
    if (msi.isPresent()) {
      int base = msi.get().at();
      value = overlay(value, offset, widthBytes, base + MSI_ADDRESS, 8, msiAddress);
      value = overlay(value, offset, widthBytes, base + MSI_DATA, 2, msiData);
    }
    return value;
  }

  /// `value`, read at `offset`, with the bytes that are part of a register replaced by its own.
  private static long overlay(
      long value, int offset, int widthBytes, int register, int registerBytes, long content) {
    long merged = value;
    for (int i = 0; i < widthBytes; i++) {
      int in = offset + i - register;
      if (in >= 0 && in < registerBytes) {
        long b = content >>> 8 * in & 0xff;
        merged = merged & ~(0xffL << 8 * i) | b << 8 * i;
      }
    }
    return merged;
  }

  @Override
  public synchronized void writeConfig(int offset, int widthBytes, long value) {
    interceptions.increment();
    if (msi.isPresent() && touchesMessage(msi.get().at(), offset, widthBytes)) {
      writeMsi(msi.get(), offset, widthBytes, value);
    } else {
      function.writeConfig(offset, widthBytes, value);
      if (express.isPresent() && express.get().asksForReset(offset, widthBytes, value)) {
        forgetMessages();
      }
      mirror();
    }
  }

  private static boolean touchesMessage(int capability, int offset, int widthBytes) {
    return offset < capability + MSI_DATA + 2 && capability + MSI_ADDRESS < offset + widthBytes;
  }

  private void writeMsi(Msi capability, int offset, int widthBytes, long value) {
    int base = capability.at();
    msiAddress = taken(msiAddress, base + MSI_ADDRESS, 8, offset, widthBytes, value) & ~3L;
    msiData = (int) taken(msiData, base + MSI_DATA, 2, offset, widthBytes, value);
    if (block.isEmpty()) {
      return;
    }
    RemappableFormat message = block.get().message(0);
    function.writeConfig(base + MSI_ADDRESS, 4, message.address());
    function.writeConfig(base + MSI_ADDRESS + 4, 4, message.address() >>> 32);
    function.writeConfig(base + MSI_DATA, 2, message.data());
    for (int number = 0; number < capability.vectors(); number++) {
      connect(number, msiAddress, msiData & -capability.vectors() | number);
    }
  }

  /// A register of `registerBytes` bytes after a write that covers some of them.
  private static long taken(
      long before, int register, int registerBytes, int offset, int widthBytes, long value) {
    long after = before;
    for (int i = 0; i < widthBytes; i++) {
      int in = offset + i - register;
      if (in >= 0 && in < registerBytes) {
        after = after & ~(0xffL << 8 * in) | (value >>> 8 * i & 0xff) << 8 * in;
      }
    }
    return after;
  }

  @Override
  public synchronized long readBar(int bar, long offset, int widthBytes) {
    long value = function.readBar(bar, offset, widthBytes);
    boolean isMessage = isMessage(bar, offset);
    if (!isMessage || widthBytes < 4 || (offset & widthBytes - 1) != 0) {
      return value;
    }
    long low = word(offset, (int) value) & 0xffff_ffffL;
    return widthBytes == 8 ? (long) word(offset + 4, (int) (value >>> 32)) << 32 | low : low;
  }

  private boolean isMessage(int bar, long offset) {
    boolean inTable = msix.isPresent() && msix.get().isInTable(bar, offset);
    if (inTable) {
      interceptions.increment();
    }
    return inTable;
  }

  private int word(long offset, int own) {
    int index = wordIndex(offset);
    return index < 0 ? own : messages[index];
  }

  /// Where in [#messages] the doubleword at `offset` of the window is kept, or -1 for a control
  /// word, which is the function's.
  private int wordIndex(long offset) {
    long inTable = offset - msix.orElseThrow().tableOffset();
    int word = (int) (inTable % ENTRY_BYTES) / 4;
    return word == ENTRY_WORDS ? -1 : (int) (inTable / ENTRY_BYTES) * ENTRY_WORDS + word;
  }

  @Override
  public synchronized void writeBar(int bar, long offset, int widthBytes, long value) {
    boolean isMessage = isMessage(bar, offset);
    if (!isMessage || widthBytes < 4 || (offset & widthBytes - 1) != 0) {
      function.writeBar(bar, offset, widthBytes, value);
      return;
    }
    writeTable(bar, offset, (int) value);
    if (widthBytes == 8) {
      writeTable(bar, offset + 4, (int) (value >>> 32));
    }
  }

  private void writeTable(int bar, long offset, int value) {
    int index = wordIndex(offset);
    if (index < 0) {
      // Without an entry it has no message to send.
      function.writeBar(bar, offset, 4, block.isEmpty() ? MASKED : value & 0xffff_ffffL);
      return;
    }
    messages[index] = index % ENTRY_WORDS == 0 ? value & ~3 : value;
    if (block.isEmpty()) {
      return;
    }
    int number = index / ENTRY_WORDS;
    int first = number * ENTRY_WORDS;
    connect(
        number,
        (long) messages[first + 1] << 32 | messages[first] & 0xffff_ffffL,
        messages[first + 2]);
    RemappableFormat message = block.get().message(number);
    long entry = msix.orElseThrow().tableOffset() + (long) number * ENTRY_BYTES;
    function.writeBar(bar, entry, 4, message.address());
    function.writeBar(bar, entry + 4, 4, message.address() >>> 32);
    function.writeBar(bar, entry + 8, 4, message.data());
  }

  private void connect(int number, long address, int data) {
    try {
      delivery.connect(block.orElseThrow(), number, at, address, data);
    } catch (DriverException e) {
      onFailure.accept(e);
    }
  }

  /// Has the windows be where the function's registers say.
  private void mirror() {
    config().put(ConfigRegisters.COMMAND, 2, function.readConfig(ConfigRegisters.COMMAND, 2));
    for (int offset = ConfigRegisters.BASE_ADDRESS_0; offset < BARS_END; offset += 4) {
      config().put(offset, 4, function.readConfig(offset, 4));
    }
  }

  @Override
  public synchronized void reset() {
    function.reset();
    forgetMessages();
    mirror();
  }

  private void forgetMessages() {
    Arrays.fill(messages, 0);
    msiAddress = 0;
    msiData = 0;
  }
}
