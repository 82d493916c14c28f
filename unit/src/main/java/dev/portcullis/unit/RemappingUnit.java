package dev.portcullis.unit;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.unit.cache.TranslationCaches;
import dev.portcullis.unit.command.GlobalCommand;
import dev.portcullis.unit.command.RegisterInvalidation;
import dev.portcullis.unit.drain.InFlight;
import dev.portcullis.unit.event.MessageSink;
import dev.portcullis.unit.fault.FaultLog;
import dev.portcullis.unit.observe.Observers;
import dev.portcullis.unit.observe.UnitEvent;
import dev.portcullis.unit.observe.UnitObserver;
import dev.portcullis.unit.protect.ProtectedMemory;
import dev.portcullis.unit.queue.DescriptorExecutor;
import dev.portcullis.unit.queue.InterruptEntries;
import dev.portcullis.unit.queue.InvalidationQueue;
import dev.portcullis.unit.register.RegisterFile;
import dev.portcullis.unit.request.Blocked;
import dev.portcullis.unit.request.Request;
import dev.portcullis.unit.signal.Outbox;
import dev.portcullis.unit.translate.Refusals;
import dev.portcullis.unit.translate.Translator;

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
  private final Translator translator;
  private final DescriptorExecutor executor;
  private final InvalidationQueue queue;
  private final Object commands = new Object();

  /// A unit after power-on.
  ///
  /// @param memory where tables and queue are, and status writes go
  /// @param messages where the unit's own interrupt messages go
  public RemappingUnit(UnitConfiguration configuration, MemoryMap memory, MessageSink messages) {
    Capabilities capabilities = configuration.capabilities();
    this.file = new RegisterFile(capabilities);
    this.outbox = new Outbox(messages);
    this.faults = new FaultLog(file, configuration.faultCollapse(), outbox);
    this.refusals = new Refusals(faults, outbox, capabilities);
    this.caches =
        new TranslationCaches(configuration.caches(), capabilities.capability().guestAddressBits());
    this.translator =
        new Translator(
            memory,
            capabilities,
            caches,
            refusals,
            new Translator.Surroundings(inFlight, observers),
            configuration.bit62());
    this.executor =
        new DescriptorExecutor(file, memory, caches, InterruptEntries.NONE, inFlight, outbox);
    this.queue =
        new InvalidationQueue(
            file, memory, faults, executor, observers, translator::isInLegacyMode);
    obeyCommands();
  }

  /// What hangs on the command registers lives as long as they do.
  private void obeyCommands() {
    new GlobalCommand(file, translator, caches, queue, faults);
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
    synchronized (commands) {
      file.write(offset, widthBytes, value);
    }
    outbox.flush();
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
        : Blocked.SILENTLY;
  }

  /// Whether a translated request of `sourceId` may go to `hpa`, which the device has from an
  /// earlier translation request. Bracketed as [#translate(int, long, Request)].
  ///
  /// @param prefix a [dev.portcullis.pci.PasidPrefix], or none
  /// @return `hpa`, or a negative code
  /// @vtd 4.2.4 Handling of ATS Translated Requests
  public long checkTranslated(int sourceId, int prefix, long hpa, Request request) {
    return Blocked.SILENTLY;
  }

  /// Answers a translation request of `sourceId` for the page of `iova`.
  ///
  /// @param prefix a [dev.portcullis.pci.PasidPrefix], or none
  /// @param noWrite NW: the device wants to read only
  /// @return the completion's eight bytes as a number, bits as in [dev.portcullis.pci.AtsEntry], at
  ///   least 0; or a negative code
  /// @vtd 4.2.3 Handling of ATS Translation Requests
  public long requestTranslation(int sourceId, int prefix, long iova, boolean noWrite) {
    return Blocked.SILENTLY;
  }

  /// What the device sees of a request that [#translate] blocked.
  public static Completion completionOf(long blocked) {
    return Blocked.completion(blocked);
  }

  /// An interrupt request: a device's write of the doubleword `data` to `address` in the range
  /// FEE00000h to FEEFFFFFh. What comes of it goes to `out`, on this thread.
  ///
  /// @vtd 5.1 Interrupt Remapping
  public Completion interrupt(int sourceId, long address, int data, MessageSink out) {
    out.send(address, data);
    if (observers.arePresent()) {
      observers.tell(new UnitEvent.Interrupted(sourceId, address, data));
    }
    return Completion.SUCCESS;
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
        caches.invalidations(),
        executor.waits(),
        refusals.byReason(),
        outbox.sent());
  }

  /// Back to the state after power-on. Requests under way end before it returns.
  public void reset() {
    synchronized (commands) {
      queue.disable();
      translator.reset();
      caches.reset();
      file.reset();
      faults.rewind();
    }
    if (observers.arePresent()) {
      observers.tell(new UnitEvent.Reset());
    }
  }
}
