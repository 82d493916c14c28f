package dev.portcullis.unit;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.DownstreamPort;
import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.PageResponse;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.cache.TranslationCaches;
import dev.portcullis.unit.command.Commands;
import dev.portcullis.unit.command.EnhancedCommands;
import dev.portcullis.unit.command.GlobalCommand;
import dev.portcullis.unit.command.RegisterInvalidation;
import dev.portcullis.unit.command.VirtualCommands;
import dev.portcullis.unit.devicetlb.DeviceTlbs;
import dev.portcullis.unit.downstream.Downstream;
import dev.portcullis.unit.drain.InFlight;
import dev.portcullis.unit.event.MessageSink;
import dev.portcullis.unit.fault.FaultLog;
import dev.portcullis.unit.fault.InvalidationErrors;
import dev.portcullis.unit.interrupt.InterruptRemapper;
import dev.portcullis.unit.memorytype.MemoryTypeRanges;
import dev.portcullis.unit.monitor.Monitor;
import dev.portcullis.unit.observe.InvalidationKind;
import dev.portcullis.unit.observe.Observers;
import dev.portcullis.unit.observe.UnitEvent;
import dev.portcullis.unit.observe.UnitObserver;
import dev.portcullis.unit.pagerequest.PageRequestQueue;
import dev.portcullis.unit.pagerequest.PageRequests;
import dev.portcullis.unit.protect.ProtectedMemory;
import dev.portcullis.unit.queue.CacheInvalidation;
import dev.portcullis.unit.queue.DescriptorExecutor;
import dev.portcullis.unit.queue.InvalidationQueue;
import dev.portcullis.unit.queue.Waits;
import dev.portcullis.unit.register.RegisterFile;
import dev.portcullis.unit.request.Blocked;
import dev.portcullis.unit.request.Request;
import dev.portcullis.unit.signal.Outbox;
import dev.portcullis.unit.snoop.TableMemory;
import dev.portcullis.unit.time.Timer;
import dev.portcullis.unit.translate.Refusals;
import dev.portcullis.unit.translate.Translator;
import java.util.EnumMap;
import java.util.Map;

/// A DMA remapping unit: software writes its registers and tables, devices ask it where their
/// requests go.
///
/// Every method may be called from any thread at any time. Nothing a guest writes, to a register or
/// to memory, makes one throw.
///
/// Register writes run one at a time, and a command has ended when its write returns. They may wait
/// for requests under way, see [InFlight]; requests never wait for them.
public final class RemappingUnit {
  private final RegisterFile file;
  private final TranslationCaches caches;
  private final InFlight inFlight = new InFlight();
  private final Observers observers = new Observers();
  private final Outbox outbox;
  private final FaultLog faults;
  private final Refusals refusals;
  private final Downstream downstream = new Downstream();
  private final DeviceTlbs deviceTlbs;
  private final PageRequests pageRequests;
  private final Monitor monitor;
  private final VirtualCommands virtualCommands;
  private final TableMemory tables;
  private final Translator translator;
  private final InterruptRemapper interrupts;
  private final Waits waits;
  private final InvalidationQueue queue;
  private final Commands commands = new Commands(this::takeTurn);

  /// A unit after power-on.
  ///
  /// @param memory where tables and queue are, and status writes go
  /// @param messages where the unit's own interrupt messages go
  public RemappingUnit(UnitConfiguration configuration, MemoryMap memory, MessageSink messages) {
    this(configuration, memory, messages, Timer.real());
  }

  /// A unit after power-on, with its time limits told by `timer`.
  ///
  /// @param memory where tables and queues are, and status writes go
  /// @param messages where the unit's own interrupt messages go
  public RemappingUnit(
      UnitConfiguration configuration, MemoryMap memory, MessageSink messages, Timer timer) {
    Capabilities capabilities = configuration.capabilities();
    this.file = new RegisterFile(capabilities, configuration.features());
    this.outbox = new Outbox(messages);
    this.faults = new FaultLog(file, configuration.faultCollapse(), outbox);
    this.refusals = new Refusals(faults, outbox, capabilities);
    this.caches =
        new TranslationCaches(configuration.caches(), capabilities.capability().guestAddressBits());
    this.monitor = new Monitor(file, outbox, this::monitored);
    this.tables = new TableMemory(memory, capabilities, configuration.tableReads());
    this.translator =
        new Translator(
            tables,
            capabilities,
            caches,
            refusals,
            new Translator.Surroundings(inFlight, observers, monitor, new MemoryTypeRanges(file)),
            configuration.bit62());
    this.interrupts =
        new InterruptRemapper(
            tables, capabilities, configuration.caches().context(), refusals, observers, monitor);
    InvalidationErrors errors = new InvalidationErrors(file, faults);
    this.deviceTlbs =
        new DeviceTlbs(
            file,
            downstream,
            errors,
            observers,
            new DeviceTlbs.TimeLimit(
                timer, configuration.deviceTlbTimeLimit().toNanos(), this::wake));
    this.pageRequests =
        new PageRequests(
            new PageRequestQueue(file, memory, outbox),
            translator::pageRequest,
            caches,
            downstream,
            observers,
            monitor);
    this.waits = new Waits(file, memory, outbox);
    this.queue =
        new InvalidationQueue(
            file,
            memory,
            errors,
            new DescriptorExecutor(
                new CacheInvalidation(capabilities, caches, interrupts, translator::tableMode),
                deviceTlbs,
                pageRequests,
                inFlight,
                waits),
            observers,
            translator::tableMode);
    EnhancedCommands.serve(file, monitor);
    this.virtualCommands = new VirtualCommands(file);
    obeyCommands();
  }

  private void monitored(boolean on) {
    translator.monitored(on);
  }

  /// What hangs on the command registers lives as long as they do.
  private void obeyCommands() {
    new GlobalCommand(file, translator, caches, queue, interrupts, faults);
    new RegisterInvalidation(
        file, caches, inFlight, () -> translator.isInLegacyMode() && !queue.isEnabled());
    new ProtectedMemory(file, translator::protection);
  }

  /// Software reads `widthBytes` (1 to 8) bytes of the register window. Messages of before are out
  /// when it returns.
  public long readRegister(long offset, int widthBytes) {
    long value = file.read(offset, widthBytes);
    outbox.flush();
    return value;
  }

  /// Software writes `widthBytes` (1 to 8) bytes of the register window.
  public void writeRegister(long offset, int widthBytes, long value) {
    commands.enter();
    try {
      file.write(offset, widthBytes, value);
    } finally {
      commands.leave();
    }
    flush();
    if (observers.arePresent()) {
      observers.tell(new UnitEvent.RegisterWritten(offset, widthBytes, value));
    }
  }

  /// Size of the register window: a power of two, at least 4 KiB.
  public int registerWindowBytes() {
    return file.windowBytes();
  }

  /// Where a request without PASID of `sourceId` for `iova` goes: the hot path. Takes no lock and
  /// allocates nothing when the caches know.
  ///
  /// The request lies inside one 4-KiB page, and is no write of one doubleword to the interrupt
  /// range: that is an [#interrupt]. The caller brackets this call and its memory access in
  /// [InFlight#enter] and [InFlight#exit].
  ///
  /// @param sourceId requester id, 16 bits
  /// @return the host physical address, at least 0; or a negative code, see [#completionOf], when
  ///   the request is blocked. A zero-length read has nothing to fetch there
  public long translate(int sourceId, long iova, Request request) {
    return translator.translate(sourceId, iova, request);
  }

  /// Where a request of `sourceId` with `prefix` for `iova` goes; as [#translate(int, long,
  /// Request)] where there is no prefix.
  ///
  /// @param prefix a [dev.portcullis.pci.PasidPrefix], or none
  public long translate(int sourceId, int prefix, long iova, Request request) {
    return prefix == PasidPrefix.NONE
        ? translator.translate(sourceId, iova, request)
        : translator.translate(sourceId, prefix, iova, request);
  }

  /// Whether a translated request of `sourceId` may go to `hpa`, which the device has from an
  /// earlier translation request. Bracketed as [#translate(int, long, Request)].
  ///
  /// @param prefix a [dev.portcullis.pci.PasidPrefix], or none
  /// @return `hpa`, or a negative code
  /// @vtd 4.2.4 Handling of ATS Translated Requests
  public long checkTranslated(int sourceId, int prefix, long hpa, Request request) {
    return translator.checkTranslated(sourceId, prefix, hpa, request);
  }

  /// Answers a translation request of `sourceId` for the page of `iova`.
  ///
  /// @param prefix a [dev.portcullis.pci.PasidPrefix], or none
  /// @param noWrite NW: the device wants to read only
  /// @return the completion's eight bytes as a number, bits as in [dev.portcullis.pci.AtsEntry], at
  ///   least 0; or a negative code
  /// @vtd 4.2.3 Handling of ATS Translation Requests
  public long requestTranslation(int sourceId, int prefix, long iova, boolean noWrite) {
    return translator.requestTranslation(sourceId, prefix, iova, noWrite);
  }

  /// What the device sees of a request that [#translate] blocked.
  public static Completion completionOf(long blocked) {
    return Blocked.completion(blocked);
  }

  /// An interrupt request: a device's write of the doubleword `data` to `address` in the range
  /// FEE00000h to FEEFFFFFh, without PASID. What comes of it goes to `out`, on this thread. The
  /// call is a request under way until it returns, by itself: not in [#inFlight].
  ///
  /// @param sourceId requester id; of I/O APICs and timers the one the DMAR table gives them
  /// @return 0, or a negative code, see [#completionOf], when the interrupt is blocked
  /// @vtd 5.1 Interrupt Remapping
  public long interrupt(int sourceId, long address, int data, MessageSink out) {
    return interrupts.interrupt(sourceId, address, data, out);
  }

  /// Tells the unit how to reach the functions behind it: until then there are none.
  ///
  /// It is called without any lock of the unit, one message at a time, in the order the unit means
  /// them; its answers may come within the call.
  public void connect(DownstreamPort functions) {
    downstream.connect(functions);
  }

  /// Function `sourceId` has forgotten the translations it was asked to. The queue may go on within
  /// the call: the caller has no request under way, see [InFlight].
  ///
  /// @param tags ITag vector: a bit for each request that this completes
  /// @param count CC, how many completions each of them gets: 1 to 7, or 0 for 8
  /// @pcie 10.3 ATS Invalidation
  public Completion invalidationCompleted(int sourceId, int tags, int count) {
    if (!translator.isTranslating() || !file.capabilities().has(Feature.DEVICE_TLBS)) {
      return Completion.UNSUPPORTED_REQUEST;
    }
    deviceTlbs.completed(sourceId, tags, count);
    flush();
    return Completion.SUCCESS;
  }

  /// Function `sourceId` asks for a page. Does not wait for anything; where the unit answers in
  /// software's place, the answer may come within the call.
  ///
  /// @pcie 10.4 Page Request Services
  public void requestPage(int sourceId, PageRequest request) {
    if (!file.capabilities().has(Feature.PAGE_REQUESTS)) {
      return;
    }
    if (translator.isTranslating()) {
      pageRequests.request(sourceId, request);
    } else {
      pageRequests.refuse(sourceId, request, PageResponse.INVALID_REQUEST);
    }
    flush();
  }

  /// Something the queue waits for has happened; no lock is held.
  private void wake() {
    commands.wake();
    flush();
  }

  private void takeTurn() {
    deviceTlbs.giveUp();
    queue.resume();
  }

  /// Sends what was put in under locks.
  private void flush() {
    outbox.flush();
    downstream.flush();
  }

  /// Software has flushed `lengthBytes` bytes at `hpa` out of the processor's caches, so that a
  /// unit that does not snoop them sees what was written. Matters to units that are told to miss
  /// what is not flushed, see [dev.portcullis.unit.policy.TableReads].
  public void flushed(long hpa, long lengthBytes) {
    tables.flushed(hpa, lengthBytes);
  }

  /// The requests under way.
  public InFlight inFlight() {
    return inFlight;
  }

  /// Tells `observer` of everything from now on; until there is one, watching costs nothing.
  public void attach(UnitObserver observer) {
    observers.add(observer);
    translator.observed(true);
  }

  /// Tells `observer` no more.
  public void detach(UnitObserver observer) {
    observers.remove(observer);
    translator.observed(observers.arePresent());
  }

  /// What the unit has done since it was made.
  public Statistics statistics() {
    return new Statistics(
        inFlight.entered(),
        translator.walks(),
        translator.pagingEntriesFetched(),
        translator.contextsFetched(),
        invalidations(),
        waits.done(),
        refusals.byReason(),
        outbox.sent(),
        new Statistics.Ats(
            deviceTlbs.sent(),
            deviceTlbs.timeOuts(),
            pageRequests.queued(),
            pageRequests.refused(),
            pageRequests.responses()),
        new Statistics.Interrupts(
            interrupts.passed(),
            interrupts.remapped(),
            interrupts.posted(),
            interrupts.told(),
            interrupts.lookups(),
            interrupts.entriesFetched()));
  }

  private Map<InvalidationKind, Long> invalidations() {
    Map<InvalidationKind, Long> kinds = new EnumMap<>(InvalidationKind.class);
    kinds.putAll(caches.invalidations());
    kinds.putAll(interrupts.invalidations());
    return kinds;
  }

  /// Back to the state after power-on. Requests under way end before it returns.
  public void reset() {
    commands.enter();
    try {
      queue.disable();
      deviceTlbs.reset();
      downstream.clear();
      translator.reset();
      caches.reset();
      tables.reset();
      interrupts.reset();
      file.reset();
      monitor.reset();
      virtualCommands.reset();
      faults.rewind();
    } finally {
      commands.leave();
    }
    if (observers.arePresent()) {
      observers.tell(new UnitEvent.Reset());
    }
  }
}
