package dev.portcullis.guest;

import dev.portcullis.pci.Bar;
import dev.portcullis.pci.Capability;
import dev.portcullis.pci.FunctionHeader;
import dev.portcullis.pci.Msix;
import dev.portcullis.pci.PciExpress;
import dev.portcullis.pci.PciFunction;
import java.util.ArrayList;
import java.util.List;

/// A function that does nothing but have windows, whose registers keep what is written, and send
/// interrupts. Window 0 has a table of 2 vectors from its second page on.
public final class SampleFunction extends PciFunction {
  public static final long ID = 0x0001_1234L;

  private final Msix msix;
  private final long[] registers = new long[8];

  /// @param bars beside window 0, of 32 bits and 16 KiB
  public SampleFunction(Bar... bars) {
    this(new Msix(2, 0, 0x1000, 0x2000), bars);
  }

  private SampleFunction(Msix msix, Bar... bars) {
    super(FunctionHeader.of(0x1234, 1).withClass(0x12_34_56), windows(bars), capabilities(msix));
    this.msix = msix;
  }

  private static List<Bar> windows(Bar... bars) {
    List<Bar> all = new ArrayList<>(List.of(bars));
    all.addFirst(new Bar(0, 0x4000, Bar.Width.MEMORY_32));
    return all;
  }

  private static List<Capability> capabilities(Msix msix) {
    return List.of(msix, new PciExpress(PciExpress.Kind.ENDPOINT));
  }

  /// Changes a byte of configuration space, whatever software may write.
  public SampleFunction with(int offset, int value) {
    config().put(offset, 1, value);
    return this;
  }

  /// Sends an interrupt.
  public void raise(int vector) {
    interrupts().raise(vector);
  }

  @Override
  public long readBar(int bar, long offset, int widthBytes) {
    return msix.covers(bar, offset)
        ? msix.readTable(offset, widthBytes)
        : registers[(bar + (int) (offset >> 3)) % registers.length];
  }

  @Override
  public void writeBar(int bar, long offset, int widthBytes, long value) {
    if (msix.covers(bar, offset)) {
      msix.writeTable(offset, widthBytes, value);
    } else {
      registers[(bar + (int) (offset >> 3)) % registers.length] = value;
    }
  }
}
