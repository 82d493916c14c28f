package dev.portcullis.vmm.engine.qemu;

import dev.portcullis.pci.Bar;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.FunctionHeader;
import dev.portcullis.pci.IntxLine;
import dev.portcullis.pci.Msi;
import dev.portcullis.pci.Msix;
import dev.portcullis.pci.PciExpress;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.pci.UpstreamPort;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.event.MessageSink;
import dev.portcullis.unit.request.Blocked;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// A function that does nothing but send interrupts, through a unit: 4 of MSI-X with the table at
/// 0, or 4 of MSI.
final class Messenger extends PciFunction {
  static final int VECTORS = 4;

  final RequesterId at;
  private final Msix msix;
  private int resets;

  Messenger(String at, RemappingUnit unit, MessageSink sink) {
    this(RequesterId.parse(at), new Msix(VECTORS, 0, 0, 0x800));
    connect(new Port(unit, sink), IntxLine.unconnected());
  }

  private Messenger(RequesterId at, Msix msix) {
    super(
        FunctionHeader.of(0x1234, 0x5678).withPin(FunctionHeader.Pin.A),
        List.of(new Bar(0, 4096, Bar.Width.MEMORY_32)),
        List.of(
            new Msi(VECTORS),
            msix,
            new PciExpress(PciExpress.Kind.ROOT_COMPLEX_INTEGRATED_ENDPOINT)));
    this.at = at;
    this.msix = msix;
  }

  void raise(int vector) {
    interrupts().raise(vector);
  }

  /// Writes to memory where interrupts are: what a function does that makes its own messages up.
  Completion forge(long address, int data) {
    return port().message(address, data);
  }

  int resets() {
    return resets;
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

  @Override
  public void reset() {
    resets++;
    super.reset();
  }

  private final class Port implements UpstreamPort {
    private final RemappingUnit unit;
    private final MessageSink sink;

    Port(RemappingUnit unit, MessageSink sink) {
      this.unit = unit;
      this.sink = sink;
    }

    @Override
    public Completion message(long address, int data) {
      long outcome = unit.interrupt(at.id(), address, data, sink);
      return outcome < 0 ? Blocked.completion(outcome) : Completion.SUCCESS;
    }

    @Override
    public Completion read(long iova, MemorySegment to, long toOffset, long lengthBytes) {
      return Completion.UNSUPPORTED_REQUEST;
    }

    @Override
    public Completion write(long iova, MemorySegment from, long fromOffset, long lengthBytes) {
      return Completion.UNSUPPORTED_REQUEST;
    }

    @Override
    public Completion zeroLengthRead(long iova) {
      return Completion.UNSUPPORTED_REQUEST;
    }
  }
}
