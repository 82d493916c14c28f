package dev.portcullis.guest.edu;

import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.pci.PciException;
import dev.portcullis.guest.port.Processor;
import java.util.concurrent.TimeUnit;

/// Drives the teaching device's DMA engine: what a driver gone wrong, or gone bad, can do with a
/// device it owns.
public final class EduDriver {
  /// Vendor and device.
  public static final long ID = 0x11e8_1234L;

  private static final int SOURCE = 0x80;
  private static final int DESTINATION = 0x88;
  private static final int COUNT = 0x90;
  private static final int COMMAND = 0x98;
  private static final int RESULT = 0xa0;
  private static final int START = 1;
  private static final int TO_MEMORY = 2;
  private static final int SUCCESS = 1;
  private static final long BUFFER = 0x40000;

  /// What one DMA may move.
  public static final int MOST_BYTES = 4096;

  /// The device is quick: before it sleeps, the driver looks so often.
  private static final int QUICK_LOOKS = 2_000;

  private final Processor processor;
  private final PciDevice device;
  private final long registers;

  /// @throws PciException if the device has no registers
  public EduDriver(Processor processor, PciDevice device) throws PciException {
    this.processor = processor;
    this.device = device;
    this.registers =
        device.window(0).orElseThrow(() -> new PciException(device, "it has no registers"));
    device.enableBusMaster();
  }

  /// Writes what is in the device's buffer to memory.
  ///
  /// @param address anything
  /// @param bytes 1 to 4096
  /// @return whether the device says that it is done; if not, it was refused
  /// @throws PciException if the device does not come to an end
  public boolean write(long address, int bytes) throws PciException, InterruptedException {
    return run(BUFFER, address, bytes, START | TO_MEMORY);
  }

  /// Reads memory into the device's buffer.
  ///
  /// @param address anything
  /// @param bytes 1 to 4096
  /// @return whether the device says that it is done; if not, it was refused
  /// @throws PciException if the device does not come to an end
  public boolean read(long address, int bytes) throws PciException, InterruptedException {
    return run(address, BUFFER, bytes, START);
  }

  private boolean run(long source, long destination, int bytes, int command)
      throws PciException, InterruptedException {
    if (bytes < 1 || bytes > MOST_BYTES) {
      throw new IllegalArgumentException(bytes + " bytes");
    }
    processor.store(registers + SOURCE, 8, source);
    processor.store(registers + DESTINATION, 8, destination);
    processor.store(registers + COUNT, 8, bytes);
    processor.store(registers + COMMAND, 8, command);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    for (int looks = 0; (processor.load(registers + COMMAND, 8) & START) != 0; looks++) {
      if (System.nanoTime() > deadline) {
        throw new PciException(device, "its DMA does not end");
      }
      if (looks < QUICK_LOOKS) {
        Thread.yield();
      } else {
        Thread.sleep(1);
      }
    }
    return processor.load(registers + RESULT, 8) == SUCCESS;
  }
}
