package dev.portcullis.driver;

import dev.portcullis.driver.command.EventInterrupt;
import dev.portcullis.driver.command.GlobalCommand;
import dev.portcullis.driver.device.Device;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.device.DeviceRegister;
import dev.portcullis.driver.device.DeviceTables;
import dev.portcullis.driver.device.LegacyDevices;
import dev.portcullis.driver.device.ScalableDevices;
import dev.portcullis.driver.discovery.Discovery;
import dev.portcullis.driver.discovery.UnitTraits;
import dev.portcullis.driver.domain.Domains;
import dev.portcullis.driver.domain.UnitServices;
import dev.portcullis.driver.fault.FaultLog;
import dev.portcullis.driver.interrupt.InterruptTable;
import dev.portcullis.driver.invalidation.InvalidationBatch;
import dev.portcullis.driver.invalidation.InvalidationQueue;
import dev.portcullis.driver.invalidation.Invalidator;
import dev.portcullis.driver.invalidation.RegisterInvalidation;
import dev.portcullis.driver.pagerequest.PageRequestService;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.DriverException.Reason;
import dev.portcullis.driver.port.PageLedger;
import dev.portcullis.driver.port.Platform;
import dev.portcullis.driver.port.RegisterPort;
import dev.portcullis.driver.table.TableWriter;
import dev.portcullis.spec.descriptor.ContextCacheInvalidate;
import dev.portcullis.spec.descriptor.IotlbInvalidate;
import dev.portcullis.spec.descriptor.PasidCacheInvalidate;
import dev.portcullis.spec.descriptor.PermissionCacheInvalidate;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.EventRegisters;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.GlobalRegisters;
import dev.portcullis.spec.register.QueueRegisters;
import dev.portcullis.spec.register.TableMode;
import java.util.Optional;

/// Drives one remapping unit, from power-on to shutdown.
///
/// ```java
/// RemappingDriver driver = RemappingDriver.start(platform, DriverOptions.DEFAULT);
/// PagingDomain domain = driver.domains().paging();
/// driver.device(0x0018, DeviceFeatures.NONE).attach(domain);
/// domain.map(iova, hpa, 4096, Rights.READ_WRITE);
/// ```
///
/// Once it has started, a device that is attached to no domain is blocked. Every method may be
/// called from any thread.
///
/// @vtd 11.4.4 Global Command Register
public final class RemappingDriver {
  private final Platform platform;
  private final UnitTraits traits;
  private final GlobalCommand command;
  private final Optional<InvalidationQueue> queue;
  private final Invalidator invalidator;
  private final UnitServices services;
  private final DeviceTables tables;
  private final DeviceRegister devices;
  private final Domains domains;
  private final Optional<PageRequestService> pageRequests;
  private final Optional<InterruptTable> interrupts;
  private final FaultLog faults;
  private final EventInterrupt faultEvent;
  private final EventInterrupt pageRequestEvent;

  /// Finds out what the unit is, takes it over, and turns translation on.
  ///
  /// @throws DriverException [Reason#UNSUPPORTED] if the driver cannot work with the unit,
  ///   [Reason#TIMED_OUT] if it does not do what it must
  public static RemappingDriver start(Platform platform, DriverOptions options)
      throws DriverException {
    Capabilities found = Discovery.discover(platform.registers(), platform.hostAddressBits());
    TableMode mode = options.mode().orElse(Discovery.bestMode(found));
    if (!Discovery.supports(found, mode)) {
      throw new DriverException(Reason.UNSUPPORTED, "the unit has no " + mode + " mode");
    }
    RemappingDriver driver = prepare(platform, new UnitTraits(found, mode), options);
    driver.bringUp();
    return driver;
  }

  /// Allocates what the driver needs, and leaves the unit alone: if something is missing, every
  /// page goes back.
  private static RemappingDriver prepare(
      Platform platform, UnitTraits traits, DriverOptions options) throws DriverException {
    PageLedger ledger = new PageLedger(platform.pages());
    try {
      RemappingDriver driver =
          new RemappingDriver(platform.allocatingFrom(ledger), traits, options);
      ledger.close();
      return driver;
    } catch (DriverException e) {
      ledger.freeAll();
      throw e;
    }
  }

  private RemappingDriver(Platform platform, UnitTraits traits, DriverOptions options)
      throws DriverException {
    this.platform = platform;
    this.traits = traits;
    this.command = new GlobalCommand(platform);
    this.queue =
        traits.has(Feature.QUEUED_INVALIDATION)
            ? Optional.of(newQueue(options.queuePagesLog2()))
            : Optional.empty();
    this.invalidator =
        queue.isPresent() ? queue.get() : new RegisterInvalidation(platform, traits.capabilities());
    this.pageRequests = newPageRequests(options);
    this.services =
        new UnitServices(
            traits, invalidator, command, writer(traits.mustFlushPaging()), pageRequests);
    TableWriter structures = writer(traits.mustFlushStructures());
    this.tables =
        traits.isScalable()
            ? new ScalableDevices(services, structures)
            : new LegacyDevices(services, structures);
    this.interrupts =
        options.interrupts().isPresent()
            ? Optional.of(
                new InterruptTable(
                    platform, traits, command, invalidator, structures, options.interrupts().get()))
            : Optional.empty();
    this.devices = new DeviceRegister(tables);
    this.domains = new Domains(services);
    this.faults = new FaultLog(platform.registers(), traits.capabilities().capability());
    this.faultEvent = new EventInterrupt(platform.registers(), EventRegisters.FAULT);
    this.pageRequestEvent = new EventInterrupt(platform.registers(), EventRegisters.PAGE_REQUEST);
  }

  private InvalidationQueue newQueue(int pagesLog2) throws DriverException {
    return new InvalidationQueue(
        platform,
        command,
        traits.hasWideDescriptors()
            ? InvalidationQueue.Width.BITS_256
            : InvalidationQueue.Width.BITS_128,
        pagesLog2);
  }

  private Optional<PageRequestService> newPageRequests(DriverOptions options)
      throws DriverException {
    if (options.pageRequests().isEmpty()) {
      return Optional.empty();
    }
    if (!traits.isScalable() || !traits.has(Feature.PAGE_REQUESTS)) {
      throw new DriverException(
          Reason.UNSUPPORTED, "the unit has no page requests in " + traits.mode() + " mode");
    }
    return Optional.of(
        new PageRequestService(
            platform, queue.orElseThrow(), options.pageRequests().get(), options.queuePagesLog2()));
  }

  private TableWriter writer(boolean flushes) {
    return new TableWriter(
        platform.memory(),
        platform.pages(),
        flushes ? TableWriter.Coherency.FLUSHED : TableWriter.Coherency.SNOOPED);
  }

  // From power-on to translation.

  private void bringUp() throws DriverException {
    takeOver();
    faultEvent.mask();
    faults.drain(old -> {});
    if (queue.isPresent()) {
      queue.get().enable();
    }
    setRootTable();
    if (interrupts.isPresent()) {
      interrupts.get().enable();
    }
    if (pageRequests.isPresent()) {
      pageRequestEvent.mask();
      pageRequests.get().enable();
    }
    command.enable(GlobalRegisters.TE);
    services.translationIsOn();
    unprotectMemory();
  }

  /// Firmware, or a driver before us, may have left things on. Their tables are not ours.
  private void takeOver() throws DriverException {
    command.disable(GlobalRegisters.TE);
    command.disable(GlobalRegisters.IRE);
    if (command.isOn(GlobalRegisters.QIE)) {
      letQueueRunDry();
      command.disable(GlobalRegisters.QIE);
    }
  }

  /// A queue is turned off when it is empty; one that an error has stopped never will be.
  private void letQueueRunDry() throws DriverException {
    RegisterPort registers = platform.registers();
    platform
        .patience()
        .await(
            "the old queue is empty, or stopped",
            () ->
                registers.read64(QueueRegisters.IQH.offset())
                        == registers.read64(QueueRegisters.IQT.offset())
                    || InvalidationQueue.isStopped(registers));
  }

  private void setRootTable() throws DriverException {
    services.added();
    platform
        .registers()
        .write64(
            GlobalRegisters.RTADDR.offset(),
            tables.root() | GlobalRegisters.TTM.encode(traits.mode().code()));
    command.takePointer(GlobalRegisters.SRTP);
    if (!traits.has(Feature.ENHANCED_SET_ROOT_TABLE_POINTER)) {
      forgetEverything();
    }
  }

  private void forgetEverything() throws DriverException {
    InvalidationBatch batch = new InvalidationBatch().add(ContextCacheInvalidate.global());
    if (traits.isScalable()) {
      batch.add(PasidCacheInvalidate.global());
    }
    batch.add(IotlbInvalidate.global());
    if (traits.isScalable() && traits.has(Feature.HOST_PERMISSION_TABLES)) {
      batch.add(PermissionCacheInvalidate.global());
    }
    services.submit(batch);
  }

  /// What firmware has protected before translation was on needs no protection now.
  private void unprotectMemory() throws DriverException {
    if (traits.has(Feature.PROTECTED_LOW_MEMORY) || traits.has(Feature.PROTECTED_HIGH_MEMORY)) {
      command.unprotectMemory();
    }
  }

  // At work.

  /// What the unit can do, in the mode it is in.
  public UnitTraits traits() {
    return traits;
  }

  /// Makes domains.
  public Domains domains() {
    return domains;
  }

  /// The device with requester-id `sourceId`, blocked if it is new.
  ///
  /// @param features what it has, and software has turned on in it or will
  /// @throws DriverException if the unit cannot serve such a device
  public Device device(int sourceId, DeviceFeatures features) throws DriverException {
    return devices.admit(sourceId, features);
  }

  /// Forgets a device, which is blocked from then on.
  public void remove(Device device) throws DriverException {
    devices.dismiss(device);
  }

  /// Has the unit carry out invalidations of the caller's own.
  public void submit(InvalidationBatch batch) throws DriverException {
    invalidator.submit(batch);
  }

  /// What the unit has refused.
  public FaultLog faults() {
    return faults;
  }

  /// The interrupt that tells of faults; masked at first.
  public EventInterrupt faultEvent() {
    return faultEvent;
  }

  /// Pages that devices ask for; empty if none may.
  public Optional<PageRequestService> pageRequests() {
    return pageRequests;
  }

  /// The interrupt that tells of page requests, if devices may make some; masked at first.
  public EventInterrupt pageRequestEvent() {
    return pageRequestEvent;
  }

  /// Where interrupts of devices go; empty if they are not remapped.
  public Optional<InterruptTable> interrupts() {
    return interrupts;
  }

  // To the end.

  /// Turns everything off, in the order opposite to that of starting, and gives back every page but
  /// those of domains. Devices are quiet by now: nothing stops their DMA from then on.
  public void shutDown() throws DriverException {
    services.translationIsOff();
    command.disable(GlobalRegisters.TE);
    forgetEverything();
    if (interrupts.isPresent()) {
      interrupts.get().close();
    }
    faultEvent.mask();
    if (pageRequests.isPresent()) {
      pageRequestEvent.mask();
      pageRequests.get().close();
    }
    if (queue.isPresent()) {
      queue.get().close();
    }
    tables.close();
  }
}
