package dev.portcullis.devices.nvme;

import dev.portcullis.devices.atc.DeviceTlb;
import dev.portcullis.devices.block.BlockBackend;
import dev.portcullis.devices.nvme.CompletionQueue.Signalling;
import dev.portcullis.devices.queue.PairOffer;
import dev.portcullis.devices.queue.QueueLoad;
import dev.portcullis.devices.queue.QueuedFunction;
import dev.portcullis.pci.Ats;
import dev.portcullis.pci.Bar;
import dev.portcullis.pci.Capability;
import dev.portcullis.pci.FunctionHeader;
import dev.portcullis.pci.InvalidateRequest;
import dev.portcullis.pci.Msi;
import dev.portcullis.pci.Msix;
import dev.portcullis.pci.PciExpress;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.PowerManagement;
import dev.portcullis.pci.UpstreamPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An NVM Express controller: its PCI function and its registers.
///
/// Register accesses never wait for DMA; what they start runs in workers. Only [#reset()] and
/// [#close()] wait, until no worker is left.
///
/// @nvme 3.1 Register Definition
public final class NvmeController extends PciFunction implements QueuedFunction {
  private static final System.Logger LOG = System.getLogger(NvmeController.class.getName());

  private static final FunctionHeader HEADER =
      FunctionHeader.of(Identify.VENDOR, Identify.DEVICE)
          .withClass(0x010802)
          .withRevision(1)
          .withPin(FunctionHeader.Pin.A);

  private final Drive drive;
  private final Msix msix;
  private final Optional<DeviceTlb> tlb;
  private final Engine.Owner owner = new EngineOwner();

  private final Object lock = new Object();
  private int configuration;
  private volatile int status;
  private int adminQueueSizes;
  private long adminSubmissions;
  private long adminCompletions;
  private volatile Engine engine;
  private boolean stopping;

  /// A controller over `backend`, which it closes when it is closed itself.
  ///
  /// @throws IllegalArgumentException if the backing is not a whole number of blocks
  public NvmeController(NvmeOptions options, BlockBackend backend) {
    this(
        options,
        backend,
        new Msix(options.queuePairs().most() + 1, 0, Registers.MSIX_TABLE, Registers.MSIX_PENDING),
        options.translations() == NvmeOptions.Translations.CACHED
            ? List.of(new Ats(Ats.MOST_INVALIDATIONS))
            : List.of());
  }

  /// @param services its translation services, if it has any
  private NvmeController(NvmeOptions options, BlockBackend backend, Msix msix, List<Ats> services) {
    super(
        HEADER,
        List.of(new Bar(0, Registers.WINDOW_BYTES, Bar.Width.MEMORY_64)),
        capabilities(options, msix, services));
    this.msix = msix;
    String name = "nvme-" + options.serial() + "-invalidations";
    tlb = services.stream().map(ats -> new DeviceTlb(name, ats, port())).findFirst();
    Namespace namespace = new Namespace(backend, options.blockBytes());
    PairOffer pairs = new PairOffer(options.queuePairs());
    drive = new Drive(options, pairs, namespace, new ErrorLog(), new HealthLog());
  }

  /// The bytes of its namespace, for whoever looks at them, or writes others while the controller
  /// is reset.
  public BlockBackend blocks() {
    return drive.namespace().backend();
  }

  /// What it says it is, to whoever identifies it.
  public NvmeIdentity identity() {
    return new NvmeIdentity(drive.options().serial(), Identify.MODEL, Identify.FIRMWARE);
  }

  /// Whether it has met what only a reset ends: what software reads in its status.
  public boolean hasFailed() {
    return (status & Registers.FATAL) != 0;
  }

  @Override
  public int mostPairs() {
    return drive.pairs().most();
  }

  @Override
  public int pairs() {
    return drive.pairs().now();
  }

  @Override
  public int pairsAfterReset() {
    return drive.pairs().next();
  }

  @Override
  public void offerAfterReset(int count) {
    drive.pairs().next(count);
  }

  @Override
  public List<QueueLoad> loads() {
    return drive.pairs().loads();
  }

  private static List<Capability> capabilities(NvmeOptions options, Msix msix, List<Ats> services) {
    List<Capability> capabilities = new ArrayList<>();
    if (options.messages() == NvmeOptions.Messages.MSI_X) {
      capabilities.add(msix);
    }
    capabilities.add(new Msi(16));
    capabilities.add(new PowerManagement());
    capabilities.add(new PciExpress(PciExpress.Kind.ROOT_COMPLEX_INTEGRATED_ENDPOINT));
    capabilities.addAll(services);
    return capabilities;
  }

  @Override
  public long readBar(int bar, long offset, int widthBytes) {
    if (msix.covers(bar, offset)) {
      return msix.readTable(offset, widthBytes);
    }
    long word = register((int) offset & ~7) >>> 8 * (offset & 7);
    return widthBytes == 8 ? word : word & (1L << 8 * widthBytes) - 1;
  }

  /// The 8 bytes of registers at `offset`, a multiple of 8. Doorbells read 0.
  private long register(int offset) {
    synchronized (lock) {
      return switch (offset) {
        case Registers.CAP -> Registers.capabilities(drive.options().queueEntries());
        case Registers.VS -> words(Registers.VERSION, masked());
        case Registers.INTMC -> words(masked(), configuration);
        case Registers.CSTS & ~7 -> words(0, status);
        case Registers.AQA & ~7 -> words(0, adminQueueSizes);
        case Registers.ASQ -> adminSubmissions;
        case Registers.ACQ -> adminCompletions;
        default -> 0;
      };
    }
  }

  private static long words(int low, int high) {
    return (long) high << 32 | low & 0xffff_ffffL;
  }

  private int masked() {
    Engine present = engine;
    return present == null ? 0 : present.vectors().masked();
  }

  @Override
  public void writeBar(int bar, long offset, int widthBytes, long value) {
    if (msix.covers(bar, offset)) {
      msix.writeTable(offset, widthBytes, value);
    } else if (offset >= Registers.DOORBELLS) {
      writeDoorbell((int) offset, widthBytes, (int) value);
    } else if (widthBytes >= 4 && (offset & 3) == 0) {
      writeWord((int) offset, (int) value);
      if (widthBytes == 8) {
        writeWord((int) offset + 4, (int) (value >>> 32));
      }
    }
  }

  /// @nvme 3.1 Register Definition
  private void writeDoorbell(int offset, int widthBytes, int value) {
    Engine present = engine;
    boolean ready = (status & Registers.READY) != 0;
    if (present != null && ready && widthBytes == 4 && (offset & 3) == 0) {
      present.ring((offset - Registers.DOORBELLS) / 4, value & 0xffff);
    }
  }

  private void writeWord(int offset, int value) {
    switch (offset) {
      case Registers.INTMS -> mask(value);
      case Registers.INTMC -> unmask(value);
      case Registers.CC -> configure(value & Registers.CC_WRITABLE);
      default -> writeAdminQueueRegister(offset, value);
    }
  }

  private void mask(int bits) {
    Engine present = engine;
    if (present != null) {
      present.vectors().mask(bits);
    }
  }

  private void unmask(int bits) {
    Engine present = engine;
    if (present != null) {
      present.vectors().unmask(bits);
    }
  }

  private void writeAdminQueueRegister(int offset, int value) {
    synchronized (lock) {
      switch (offset) {
        case Registers.AQA -> adminQueueSizes = value & Registers.AQA_WRITABLE;
        case Registers.ASQ -> adminSubmissions = withLow(adminSubmissions, value);
        case Registers.ASQ + 4 -> adminSubmissions = withHigh(adminSubmissions, value);
        case Registers.ACQ -> adminCompletions = withLow(adminCompletions, value);
        case Registers.ACQ + 4 -> adminCompletions = withHigh(adminCompletions, value);
        default -> {}
      }
    }
  }

  private static long withLow(long base, int low) {
    return words(low, (int) (base >>> 32)) & Registers.ADMIN_BASE_WRITABLE;
  }

  private static long withHigh(long base, int high) {
    return words((int) base, high);
  }

  /// @nvme 3.1.5 Offset 14h: CC - Controller Configuration
  private void configure(int value) {
    synchronized (lock) {
      int before = configuration;
      configuration = value;
      if (Registers.isEnabled(value) && !Registers.isEnabled(before)) {
        enable();
      } else if (!Registers.isEnabled(value) && Registers.isEnabled(before)) {
        configuration = 0;
        disable();
      } else if (Registers.shutdownNotification(value) != Registers.shutdownNotification(before)) {
        notifyShutdown(Registers.shutdownNotification(value) != 0);
      }
    }
  }

  /// Enabled while the last time is still being wound up, the controller starts after that.
  ///
  /// @nvme 7.6.1 Initialization
  private void enable() {
    if (engine != null) {
      return;
    }
    String objection =
        Registers.objection(configuration, adminQueueSizes, adminSubmissions, adminCompletions);
    if (objection != null) {
      fail(objection, null);
      return;
    }
    int pageBytes = Registers.pageBytes(configuration);
    Engine fresh = new Engine(owner, drive, way(), interrupts(), pageBytes);
    CompletionQueue completions =
        new CompletionQueue(
            way(),
            0,
            adminCompletions,
            Registers.adminCompletionEntries(adminQueueSizes),
            Signalling.INTERRUPTS,
            0);
    int entries = Registers.adminSubmissionEntries(adminQueueSizes);
    SubmissionQueue submissions = new SubmissionQueue(0, adminSubmissions, entries, completions);
    engine = fresh;
    fresh.start(completions, submissions, this::configuration);
    status |= Registers.READY;
  }

  /// The way of DMA.
  private UpstreamPort way() {
    return tlb.isPresent() ? tlb.get() : port();
  }

  private int configuration() {
    synchronized (lock) {
      return configuration;
    }
  }

  /// Ready goes away when the last worker has gone.
  private void disable() {
    if (engine == null) {
      status = 0;
    } else if (!stopping) {
      stopping = true;
      engine.stop();
    }
  }

  /// @nvme 7.6.2 Shutdown
  private void notifyShutdown(boolean asked) {
    status &= ~Registers.SHUTDOWN_STATUS;
    if (asked && engine != null && (status & Registers.FATAL) == 0) {
      status |= Registers.SHUTDOWN_OCCURRING;
      engine.shutDown();
    } else if (asked) {
      status |= Registers.SHUTDOWN_COMPLETE;
    }
  }

  private void fail(String why, Throwable cause) {
    String line = "NVMe " + drive.options().serial() + " needs a reset: " + why;
    LOG.log(System.Logger.Level.WARNING, line, cause);
    status |= Registers.FATAL;
  }

  /// What comes back from the workers.
  private final class EngineOwner implements Engine.Owner {
    @Override
    public void failed(String why, Throwable cause) {
      synchronized (lock) {
        fail(why, cause);
        endShutdown();
      }
    }

    @Override
    public void shutDown() {
      synchronized (lock) {
        endShutdown();
      }
    }

    private void endShutdown() {
      if ((status & Registers.SHUTDOWN_STATUS) == Registers.SHUTDOWN_OCCURRING) {
        status = status & ~Registers.SHUTDOWN_STATUS | Registers.SHUTDOWN_COMPLETE;
      }
    }

    @Override
    public void stopped(Engine ended) {
      synchronized (lock) {
        ended.vectors().lowerAll();
        engine = null;
        stopping = false;
        status = 0;
        if (Registers.isEnabled(configuration)) {
          enable();
        }
        lock.notifyAll();
      }
    }
  }

  @Override
  public boolean invalidate(InvalidateRequest request) {
    tlb.ifPresent(cache -> cache.accept(request));
    return tlb.isPresent();
  }

  @Override
  public void reset() {
    stopAndWait();
    tlb.ifPresent(DeviceTlb::reset);
    drive.pairs().reset();
    synchronized (lock) {
      adminQueueSizes = 0;
      adminSubmissions = 0;
      adminCompletions = 0;
    }
    super.reset();
  }

  private void stopAndWait() {
    synchronized (lock) {
      configuration = 0;
      disable();
      boolean interrupted = false;
      while (engine != null) {
        try {
          lock.wait();
        } catch (InterruptedException later) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    stopAndWait();
    tlb.ifPresent(DeviceTlb::close);
    drive.namespace().close();
  }
}
