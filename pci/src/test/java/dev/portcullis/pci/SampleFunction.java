package dev.portcullis.pci;

import java.util.List;

/// A function with one of everything, whose window is its MSI-X table.
final class SampleFunction extends PciFunction {
  static final int MSI = 0x40;
  static final int MSIX = 0x58;
  static final int PM = 0x64;
  static final int EXPRESS = 0x6c;

  final RecordingPort far = new RecordingPort();
  IntxLine.Level pin = IntxLine.Level.DEASSERTED;
  private final Msix msix;

  SampleFunction() {
    this(new Msix(65, 0, 0x1000, 0x2000));
  }

  private SampleFunction(Msix msix) {
    super(
        FunctionHeader.of(0x1b36, 0x0010)
            .withClass(0x010802)
            .withRevision(2)
            .withSubsystem(0x1af4, 0x1100)
            .withPin(FunctionHeader.Pin.A),
        List.of(new Bar(0, 0x4000, Bar.Width.MEMORY_64), new Bar(2, 1 << 20, Bar.Width.MEMORY_32)),
        List.of(
            new Msi(4),
            msix,
            new PowerManagement(),
            new PciExpress(PciExpress.Kind.ENDPOINT),
            new SerialNumber(0x1122334455667788L)));
    this.msix = msix;
    connect(far, level -> pin = level);
  }

  /// A sample that software has made a bus master.
  static SampleFunction mastering() {
    SampleFunction function = new SampleFunction();
    function.writeConfig(ConfigRegisters.COMMAND, 2, ConfigRegisters.BUS_MASTER_ENABLE);
    return function;
  }

  UpstreamPort near() {
    return port();
  }

  Interrupts irqs() {
    return interrupts();
  }

  @Override
  public long readBar(int bar, long offset, int widthBytes) {
    return msix.covers(bar, offset) ? msix.readTable(offset, widthBytes) : 0;
  }

  @Override
  public void writeBar(int bar, long offset, int widthBytes, long value) {
    if (msix.covers(bar, offset)) {
      msix.writeTable(offset, widthBytes, value);
    }
  }
}
