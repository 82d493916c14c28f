package dev.portcullis.vfiouser;

import dev.portcullis.pci.Bar;
import dev.portcullis.pci.FunctionHeader;
import dev.portcullis.pci.Msi;
import dev.portcullis.pci.Msix;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.SerialNumber;
import java.util.ArrayList;
import java.util.List;

/// A function whose window is memory, with an interrupt pin and capabilities for MSI (4 messages)
/// and MSI-X (8 vectors). It remembers how it was accessed.
class ScratchFunction extends PciFunction {
  static final int ID = 0x11e8_1234;
  static final long BAR_BYTES = 4096;

  /// Writing here raises (not 0) or lowers (0) the interrupt pin.
  static final long PIN = 0x800;

  /// What is written here goes out as an interrupt message to [#MESSAGE_ADDRESS], before the write
  /// is over.
  static final long MESSAGE = 0x810;

  static final long MESSAGE_ADDRESS = 0xfee0_0000L;

  /// Reading here throws.
  static final long BUG = 0x900;

  private final byte[] window = new byte[(int) BAR_BYTES];
  private final List<String> accesses = new ArrayList<>();
  private int resets;

  ScratchFunction() {
    super(
        FunctionHeader.of(ID & 0xffff, ID >>> 16).withPin(FunctionHeader.Pin.A),
        List.of(new Bar(0, BAR_BYTES, Bar.Width.MEMORY_32)),
        List.of(new Msi(4), new Msix(8, 0, 0xc00, 0xd00), new SerialNumber(42)));
  }

  @Override
  public synchronized long readBar(int bar, long offset, int widthBytes) {
    accesses.add("r" + widthBytes + "@" + Long.toHexString(offset));
    if (offset == BUG) {
      throw new IllegalStateException("as asked for");
    }
    long value = 0;
    for (int i = 0; i < widthBytes; i++) {
      value |= (window[(int) offset + i] & 0xffL) << 8 * i;
    }
    return value;
  }

  @Override
  public synchronized void writeBar(int bar, long offset, int widthBytes, long value) {
    accesses.add("w" + widthBytes + "@" + Long.toHexString(offset));
    if (offset == PIN && value == 0) {
      interrupts().lower(0);
    } else if (offset == PIN) {
      interrupts().raise(0);
    } else if (offset == MESSAGE) {
      port().message(MESSAGE_ADDRESS, (int) value);
    }
    for (int i = 0; i < widthBytes; i++) {
      window[(int) offset + i] = (byte) (value >>> 8 * i);
    }
  }

  @Override
  public synchronized void reset() {
    super.reset();
    resets++;
  }

  synchronized int resets() {
    return resets;
  }

  /// The window accesses since the last call, such as `w4@10`.
  synchronized List<String> accesses() {
    List<String> since = List.copyOf(accesses);
    accesses.clear();
    return since;
  }
}
