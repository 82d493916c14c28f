package dev.portcullis.machine.bus;

import dev.portcullis.pci.FunctionHeader;
import dev.portcullis.pci.PciFunction;
import java.util.List;
import java.util.OptionalLong;

/// The host bridge of q35 at 00:00.0. All it does is to say where software has put the window onto
/// configuration space, in its register PCIEXBAR:
///
/// ```
///   63     36 35            28  27   26  25             3 2    1   0
///  +---------+----------------+----+----+----------------+------+----+
///  |    0    |      base      | base, if small |    0    | size | EN |
///  +---------+----------------+----+----+----------------+------+----+
/// ```
///
/// Size 0 is 256 MiB, 1 is 128 MiB, 2 is 64 MiB.
final class HostBridge extends PciFunction {
  private static final int PCIEXBAR = 0x60;
  private static final long DEFAULT = 0xb000_0000L;
  private static final int ENABLED = 1;
  private static final int SMALLEST = 2;
  private static final long LARGEST_BYTES = 256L << 20;
  private static final long WRITABLE = 0xf_fc00_0007L;
  private static final long HIGHEST_BASE = 0xf_ffff_ffffL;

  private static final FunctionHeader HEADER =
      FunctionHeader.of(0x8086, 0x29c0).withClass(0x06_00_00).withSubsystem(0x1af4, 0x1100);

  HostBridge() {
    super(HEADER, List.of(), List.of());
    config().put(PCIEXBAR, 8, DEFAULT);
    config().allowWrites(PCIEXBAR, 8, WRITABLE);
    config().captureResetState();
  }

  /// First address of the window onto configuration space, if software has enabled one.
  OptionalLong configurationBase() {
    long register = config().read(PCIEXBAR, 8);
    boolean open = (register & ENABLED) != 0 && size(register) <= SMALLEST;
    return open
        ? OptionalLong.of(register & HIGHEST_BASE & -configurationBytes())
        : OptionalLong.empty();
  }

  /// Length of that window.
  long configurationBytes() {
    return LARGEST_BYTES >> Math.min(size(config().read(PCIEXBAR, 8)), SMALLEST);
  }

  private static int size(long register) {
    return (int) (register >> 1) & 3;
  }

  @Override
  public long readBar(int bar, long offset, int widthBytes) {
    return -1;
  }

  @Override
  public void writeBar(int bar, long offset, int widthBytes, long value) {}
}
