package dev.portcullis.devices.virtio;

import dev.portcullis.devices.virtio.SplitQueue.Events;
import dev.portcullis.devices.virtio.SplitQueue.Tables;
import dev.portcullis.devices.virtio.StructureCapability.Structure;
import dev.portcullis.pci.Bar;
import dev.portcullis.pci.Capability;
import dev.portcullis.pci.FunctionHeader;
import dev.portcullis.pci.Interrupts;
import dev.portcullis.pci.Msix;
import dev.portcullis.pci.PciExpress;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.PowerManagement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// A virtio device on PCI, without the legacy interface, with MSI-X.
///
/// ```
///  0000 common configuration   1000 ISR status   2000 device configuration
///  3000 + 4n doorbell of queue n                 8000 MSI-X table   c000 pending bits
/// ```
///
/// Its queues run from DRIVER_OK to the next reset. It asks for VIRTIO_F_ACCESS_PLATFORM: drivers
/// put I/O virtual addresses into its rings.
///
/// @virtio 4.1.4 Virtio Structure PCI Capabilities
public abstract class VirtioFunction extends PciFunction {
  private static final int ISR = 0x1000;
  private static final int DEVICE = 0x2000;
  private static final int NOTIFY = 0x3000;
  private static final int MSIX_TABLE = 0x8000;
  private static final int MSIX_PENDING = 0xc000;
  private static final int WINDOW_BYTES = 1 << 16;
  private static final int REGION_BYTES = 0x1000;

  private static final int ISR_QUEUE = 1;
  private static final int ISR_CONFIG = 2;

  private static final long INDIRECT_DESC = 1L << 28;
  private static final long EVENT_IDX = 1L << 29;
  private static final long VERSION_1 = 1L << 32;
  private static final long ACCESS_PLATFORM = 1L << 33;
  private static final long REQUIRED = VERSION_1 | ACCESS_PLATFORM;

  private final Registers registers;
  private final Msix msix;
  private final StructureCapability configAccess;
  private final int queueCount;
  private final AtomicInteger isr = new AtomicInteger();
  private boolean running;

  /// What a kind of device is.
  ///
  /// @param deviceType virtio's number for it
  /// @param classCode as in [FunctionHeader]
  /// @param features feature bits of its own
  /// @param configBytes length of its configuration structure
  public record Kind(int deviceType, int classCode, long features, int queues, int configBytes) {}

  protected VirtioFunction(Kind kind) {
    this(kind, List.of());
  }

  /// @param extended capabilities beyond those that all such devices have
  protected VirtioFunction(Kind kind, List<? extends Capability> extended) {
    this(
        kind,
        extended,
        new Msix(kind.queues() + 1, 0, MSIX_TABLE, MSIX_PENDING),
        new StructureCapability(Structure.PCI, 0, 0));
  }

  private VirtioFunction(
      Kind kind, List<? extends Capability> extended, Msix msix, StructureCapability configAccess) {
    super(
        FunctionHeader.of(0x1af4, 0x1040 + kind.deviceType())
            .withClass(kind.classCode())
            .withRevision(1)
            .withSubsystem(0x1af4, 0x1100),
        List.of(new Bar(0, WINDOW_BYTES, Bar.Width.MEMORY_64)),
        capabilities(kind, extended, msix, configAccess));
    this.msix = msix;
    this.configAccess = configAccess;
    queueCount = kind.queues();
    long offered = kind.features() | INDIRECT_DESC | EVENT_IDX | REQUIRED;
    registers = new Registers(offered, REQUIRED, msix.vectors(), kind.queues());
  }

  private static List<Capability> capabilities(
      Kind kind, List<? extends Capability> extended, Msix msix, StructureCapability configAccess) {
    List<Capability> all =
        new ArrayList<>(
            List.of(
                msix,
                new PowerManagement(),
                new PciExpress(PciExpress.Kind.ROOT_COMPLEX_INTEGRATED_ENDPOINT),
                new StructureCapability(Structure.COMMON, 0, Registers.BYTES),
                new StructureCapability(Structure.ISR, ISR, 1),
                new StructureCapability(Structure.DEVICE, DEVICE, kind.configBytes()),
                new StructureCapability(
                    Structure.NOTIFY, NOTIFY, kind.queues() * Registers.NOTIFY_STRIDE),
                configAccess));
    all.addAll(extended);
    return all;
  }

  /// The driver is ready: work may begin.
  protected abstract void begin();

  /// Work ends; when this returns no DMA is under way.
  protected abstract void end();

  /// The driver has put something into a queue.
  protected abstract void notified(int queue);

  /// The byte at `offset` of the device's configuration structure.
  protected abstract int configByte(int offset);

  /// Whether the driver has agreed to this feature.
  protected final boolean isAccepted(long feature) {
    return (registers.accepted() & feature) != 0;
  }

  /// A queue as the driver has set it up, if it has.
  protected final Optional<SplitQueue> queue(int number) {
    QueueSetup setup = registers.queue(number);
    if (!setup.enabled) {
      return Optional.empty();
    }
    return Optional.of(
        new SplitQueue(
            port(),
            new SplitQueue.Place(
                setup.size,
                setup.descriptors,
                setup.available,
                setup.used,
                isAccepted(EVENT_IDX) ? Events.INDEX : Events.FLAGS,
                isAccepted(INDIRECT_DESC) ? Tables.INDIRECT : Tables.DIRECT)));
  }

  /// Tells the driver that something in a queue was used.
  protected final void interrupt(int queue) {
    signal(registers.queue(queue).vector, ISR_QUEUE);
  }

  /// The device cannot go on: DEVICE_NEEDS_RESET.
  protected final void needReset() {
    registers.needReset();
    signal(registers.configVector(), ISR_CONFIG);
  }

  /// There are messages and no pin.
  private void signal(int vector, int reason) {
    if (interrupts().mode() != Interrupts.Mode.MSIX) {
      isr.accumulateAndGet(reason, (before, bit) -> before | bit);
    } else if (vector != QueueSetup.NO_VECTOR) {
      interrupts().raise(vector);
    }
  }

  @Override
  public long readBar(int bar, long offset, int widthBytes) {
    if (msix.covers(bar, offset)) {
      return msix.readTable(offset, widthBytes);
    }
    int within = (int) offset & REGION_BYTES - 1;
    return switch ((int) offset & -REGION_BYTES) {
      case 0 -> within < Registers.BYTES ? registers.read(within, widthBytes) : 0;
      case ISR -> within == 0 ? isr.getAndSet(0) : 0;
      case DEVICE -> readDevice(within, widthBytes);
      default -> 0;
    };
  }

  private long readDevice(int offset, int widthBytes) {
    long value = 0;
    for (int i = 0; i < widthBytes; i++) {
      value |= (configByte(offset + i) & 0xffL) << 8 * i;
    }
    return value;
  }

  @Override
  public void writeBar(int bar, long offset, int widthBytes, long value) {
    if (msix.covers(bar, offset)) {
      msix.writeTable(offset, widthBytes, value);
    } else if (offset < Registers.BYTES) {
      writeCommon((int) offset, widthBytes, value);
    } else if (offset >= NOTIFY && offset < NOTIFY + queueCount * Registers.NOTIFY_STRIDE) {
      notified((int) (offset - NOTIFY) / Registers.NOTIFY_STRIDE);
    }
  }

  private void writeCommon(int offset, int widthBytes, long value) {
    if (offset == 0x14 && (value & 0xff) == 0) {
      resetDevice();
      return;
    }
    registers.write(offset, widthBytes, value);
    boolean ready = registers.has(Registers.DRIVER_OK) && registers.has(Registers.FEATURES_OK);
    if (ready && !running) {
      running = true;
      begin();
    }
  }

  private void resetDevice() {
    end();
    running = false;
    isr.set(0);
    registers.reset();
  }

  /// Reads through the access structure if that is where the data is.
  @Override
  public long readConfig(int offset, int widthBytes) {
    if (reachesWindow(offset, widthBytes)) {
      configAccess.data(readBar(0, configAccess.target(), configAccess.widthBytes()));
    }
    return super.readConfig(offset, widthBytes);
  }

  @Override
  public void writeConfig(int offset, int widthBytes, long value) {
    super.writeConfig(offset, widthBytes, value);
    if (reachesWindow(offset, widthBytes)) {
      writeBar(0, configAccess.target(), configAccess.widthBytes(), configAccess.data());
    }
  }

  private boolean reachesWindow(int offset, int widthBytes) {
    int width = configAccess.widthBytes();
    long target = configAccess.target();
    return configAccess.isData(offset, widthBytes)
        && configAccess.window() == 0
        && width != 0
        && target % width == 0
        && target < WINDOW_BYTES;
  }

  @Override
  public void reset() {
    resetDevice();
    super.reset();
  }

  @Override
  public void close() {
    end();
  }
}
