package dev.portcullis.unit.protect;

import static dev.portcullis.spec.register.ProtectedMemoryRegisters.EPM;
import static dev.portcullis.spec.register.ProtectedMemoryRegisters.GRAIN_BITS;
import static dev.portcullis.spec.register.ProtectedMemoryRegisters.PHMBASE;
import static dev.portcullis.spec.register.ProtectedMemoryRegisters.PHMLIMIT;
import static dev.portcullis.spec.register.ProtectedMemoryRegisters.PLMBASE;
import static dev.portcullis.spec.register.ProtectedMemoryRegisters.PLMLIMIT;
import static dev.portcullis.spec.register.ProtectedMemoryRegisters.PMEN;
import static dev.portcullis.spec.register.ProtectedMemoryRegisters.PRS;

import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.register.Cell;
import dev.portcullis.unit.register.RegisterFile;
import java.util.Optional;
import java.util.function.Consumer;

/// Obeys the protected memory registers.
///
/// @vtd 11.4.8 Protected Memory Registers
public final class ProtectedMemory {
  private static final long GRAIN = (1L << GRAIN_BITS) - 1;

  private final RegisterFile file;
  private final Cell enable;
  private final boolean low;
  private final boolean high;
  private final long hostAddresses;

  /// @param switched puts regions, or none, into force; returns when every request obeys
  public ProtectedMemory(RegisterFile file, Consumer<Optional<ProtectedRegions>> switched) {
    Capabilities capabilities = file.capabilities();
    this.file = file;
    this.enable = file.cell(PMEN);
    this.low = capabilities.has(Feature.PROTECTED_LOW_MEMORY);
    this.high = capabilities.has(Feature.PROTECTED_HIGH_MEMORY);
    this.hostAddresses = ~capabilities.beyondHostAddress();
    narrow(file.cell(PHMBASE));
    narrow(file.cell(PHMLIMIT));
    enable.onCommand((before, after, written) -> obey(switched));
  }

  /// Bits beyond the host's addresses do not exist.
  private void narrow(Cell cell) {
    cell.onWrite((before, after, written) -> cell.set(after & hostAddresses));
  }

  private void obey(Consumer<Optional<ProtectedRegions>> switched) {
    boolean wanted = enable.isSet(EPM);
    if (wanted == enable.isSet(PRS)) {
      return;
    }
    switched.accept(wanted ? Optional.of(regions()) : Optional.empty());
    synchronized (file) {
      enable.set(PRS, wanted ? 1 : 0);
    }
  }

  private ProtectedRegions regions() {
    return new ProtectedRegions(
        low ? file.cell(PLMBASE).word() : 1,
        low ? file.cell(PLMLIMIT).word() | GRAIN : 0,
        high ? file.cell(PHMBASE).word() : 1,
        high ? file.cell(PHMLIMIT).word() | GRAIN : 0);
  }
}
