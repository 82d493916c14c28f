package dev.portcullis.machine.wiring;

import dev.portcullis.pci.Bar;
import dev.portcullis.pci.FunctionHeader;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.unit.RemappingUnit;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongConsumer;

/// A remapping unit in the guise of a PCI function: its window is the unit's registers.
///
/// ACPI wants registers at a fixed address, and the firmware gives windows their addresses. So the
/// firmware finds a function and places its window; the DMAR table names that place. From the first
/// access to a register on the function hides, as chipsets hide theirs: its configuration space
/// reads as all ones, so that an operating system does not find it later and move the window away
/// from under the unit. A reset shows it again, and so does a new machine, which looks before it
/// resets.
public final class HiddenUnitFunction extends PciFunction {
  /// Nobody's driver: an id of the vendor that QEMU's own teaching devices use.
  private static final FunctionHeader HEADER =
      FunctionHeader.of(0x1234, 0xd3a0).withClass(0x08_80_00);

  private final RemappingUnit unit;
  private volatile boolean hidden;
  private volatile long base = -1;
  private volatile LongConsumer onPlaced = address -> {};

  /// The function of `unit`.
  public HiddenUnitFunction(RemappingUnit unit) {
    super(HEADER, List.of(new Bar(0, unit.registerWindowBytes(), Bar.Width.MEMORY_32)), List.of());
    this.unit = unit;
  }

  /// The unit behind it.
  public RemappingUnit unit() {
    return unit;
  }

  /// Calls `listener` with the address of the registers whenever the firmware has placed them.
  public void onPlaced(LongConsumer listener) {
    onPlaced = listener;
  }

  /// Where the firmware has put the registers, if it has.
  public OptionalLong registerBase() {
    long address = base;
    return address < 0 ? OptionalLong.empty() : OptionalLong.of(address);
  }

  /// Whether software has found the registers and the function hides.
  public boolean isHidden() {
    return hidden;
  }

  @Override
  public long readConfig(int offset, int widthBytes) {
    return hidden ? -1L >>> 64 - 8 * widthBytes : super.readConfig(offset, widthBytes);
  }

  @Override
  public void writeConfig(int offset, int widthBytes, long value) {
    if (!hidden) {
      super.writeConfig(offset, widthBytes, value);
      notePlace();
    }
  }

  /// While memory space is disabled the register may hold the firmware's probe for its size.
  private void notePlace() {
    long address = addressOf(bars().getFirst());
    if (decodesMemory() && address != 0 && address != base) {
      base = address;
      onPlaced.accept(address);
    }
  }

  @Override
  public long readBar(int bar, long offset, int widthBytes) {
    hidden = true;
    return unit.readRegister(offset, widthBytes);
  }

  @Override
  public void writeBar(int bar, long offset, int widthBytes, long value) {
    hidden = true;
    unit.writeRegister(offset, widthBytes, value);
  }

  @Override
  public void attached() {
    hidden = false;
  }

  @Override
  public void reset() {
    unit.reset();
    base = -1;
    hidden = false;
    super.reset();
  }
}
