package dev.portcullis.system;

import dev.portcullis.machine.Station;
import dev.portcullis.pci.PciFunction;

/// The edu device at 00:06.0, made to do DMA: by commands in the guest, as root can, or from the
/// host's side, faster than any guest could ask.
final class Edu {
  static final long BUFFER = 0x40000;
  static final int TO_DEVICE = 0;
  static final int FROM_DEVICE = 2;

  /// What the device's result register says.
  static final long SUCCESS = 1;

  static final long UNSUPPORTED_REQUEST = 2;

  /// PCI Status, Received Master Abort.
  static final int MASTER_ABORT = 1 << 13;

  private static final String FOLDER = "/sys/bus/pci/devices/0000:00:06.0";
  private static final int START = 1;
  private static final int SOURCE = 0x80;
  private static final int DESTINATION = 0x88;
  private static final int COUNT = 0x90;
  private static final int COMMAND = 0x98;
  private static final int RESULT = 0xa0;

  private final Guest guest;

  private Edu(Guest guest) {
    this.guest = guest;
  }

  /// The device, let answer in its window and be a bus master.
  static Edu enabledIn(Guest guest) throws Exception {
    guest.shell(
        """
        echo 1 > %1$s/enable
        printf '\\006' | dd of=%1$s/config bs=1 seek=4 conv=notrunc 2>/dev/null
        """
            .formatted(FOLDER));
    return new Edu(guest);
  }

  /// Does a DMA from the guest.
  ///
  /// @return what the result register says then
  long dma(long source, long destination, int lengthBytes, int direction) throws Exception {
    String result =
        guest.shell(
            """
            read window rest < %s/resource
            put() { devmem $((window + $1)) 64 $2; }
            get() { devmem $((window + $1)) 64; }
            put %#x %#x
            put %#x %#x
            put %#x %d
            put %#x %d
            while [ $(($(get %#x) & %d)) -ne 0 ]; do :; done
            get %#x
            """
                .formatted(
                    FOLDER,
                    SOURCE,
                    source,
                    DESTINATION,
                    destination,
                    COUNT,
                    lengthBytes,
                    COMMAND,
                    START | direction,
                    COMMAND,
                    START,
                    RESULT));
    return Long.decode(result);
  }

  /// The PCI Status register, read in the guest.
  int pciStatus() throws Exception {
    return Integer.parseInt(
        guest.shell("od -An -tx2 -j6 -N2 %s/config".formatted(FOLDER)).strip(), 16);
  }

  /// Does one DMA after the other, each to another page and with no guest in between.
  void storm(long firstAddress, int count) {
    PciFunction function = function();
    function.writeBar(0, SOURCE, 8, BUFFER);
    function.writeBar(0, COUNT, 8, 8);
    for (int i = 0; i < count; i++) {
      function.writeBar(0, DESTINATION, 8, firstAddress + (i % 1024) * 4096L);
      function.writeBar(0, COMMAND, 8, START | FROM_DEVICE);
      while ((function.readBar(0, COMMAND, 8) & START) != 0) {
        Thread.onSpinWait();
      }
    }
  }

  private PciFunction function() {
    return station().function();
  }

  /// Where it is served.
  Station station() {
    return guest.platform().devices().stream()
        .filter(station -> station.name().equals("edu"))
        .findFirst()
        .orElseThrow();
  }
}
