package dev.portcullis.kit;

import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.table.Context;
import dev.portcullis.kit.table.Domain;
import dev.portcullis.kit.table.Entry;
import dev.portcullis.kit.table.Root;
import dev.portcullis.memory.Fetched;
import dev.portcullis.pci.Completion;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.request.Request;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/// A function of a test machine: its root and context entry, and the requests it makes.
///
/// Writing entries invalidates nothing.
public final class TestDevice {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final TestMachine machine;
  private final int sourceId;
  private Domain domain;

  TestDevice(TestMachine machine, int sourceId) {
    this.machine = machine;
    this.sourceId = sourceId;
  }

  /// Its requester-id.
  public int sourceId() {
    return sourceId;
  }

  /// The domain it was attached to last.
  public Domain domain() {
    return domain;
  }

  // Tables.

  /// Where its bus's root entry is.
  public long rootAddress() {
    return machine.rootTable() + (long) Root.BYTES * (sourceId >>> 8);
  }

  /// Where its context entry is; a missing context table is made.
  public long contextAddress() {
    Entry root = entryAt(rootAddress());
    if ((root.lo() & 1) == 0) {
      root = Root.of(machine.memory().page());
      write(rootAddress(), root);
    }
    return (root.lo() & -GuestMemory.PAGE) + (long) Context.BYTES * (sourceId & 0xff);
  }

  /// Its bus's root entry.
  public Entry root() {
    return entryAt(rootAddress());
  }

  /// Replaces its bus's root entry.
  public TestDevice root(Entry entry) {
    write(rootAddress(), entry);
    return this;
  }

  /// Its context entry.
  public Entry context() {
    return entryAt(contextAddress());
  }

  /// Replaces its context entry.
  public TestDevice context(Entry entry) {
    write(contextAddress(), entry);
    return this;
  }

  /// Changes its context entry.
  public TestDevice changeContext(UnaryOperator<Entry> change) {
    return context(change.apply(context()));
  }

  /// Changes its bus's root entry.
  public TestDevice changeRoot(UnaryOperator<Entry> change) {
    return root(change.apply(root()));
  }

  /// Gives it the address space of `domain`.
  public TestDevice attach(Domain to) {
    domain = to;
    return context(Context.of(Context.SECOND_STAGE, to.addressWidthCode(), to.id(), to.root()));
  }

  /// Lets its requests pass unchanged.
  public TestDevice passThrough(int domainId) {
    int aw = machine.facts().mostLevels() - 2;
    return context(Context.of(Context.PASS_THROUGH, aw, domainId, 0));
  }

  /// Maps a 4-KiB page for reading and writing, in a domain of its own if it has none.
  public TestDevice map(long iova, long hpa) {
    ownDomain().map(iova, hpa);
    return this;
  }

  /// Maps a 4-KiB page, in a domain of its own if it has none.
  ///
  /// @param bits rights and whatever else the entry shall have
  public TestDevice map(long iova, long hpa, long bits) {
    ownDomain().map(iova, hpa, bits);
    return this;
  }

  private Domain ownDomain() {
    if (domain == null) {
      attach(machine.domain());
    }
    return domain;
  }

  private Entry entryAt(long hpa) {
    return new Entry(machine.memory().readLong(hpa), machine.memory().readLong(hpa + 8));
  }

  private void write(long hpa, Entry entry) {
    machine.memory().writeLong(hpa + 8, entry.hi());
    machine.memory().writeLong(hpa, entry.lo());
  }

  // Requests that only ask where they go.

  public Outcome read(long iova) {
    return request(Request.READ, iova);
  }

  public Outcome write(long iova) {
    return request(Request.WRITE, iova);
  }

  public Outcome atomic(long iova) {
    return request(Request.ATOMIC, iova);
  }

  public Outcome zeroLengthRead(long iova) {
    return request(Request.ZERO_LENGTH_READ, iova);
  }

  /// One request, whose memory access is left out.
  public Outcome request(Request request, long iova) {
    int ticket = machine.unit().inFlight().enter(1);
    try {
      return outcome(machine.unit().translate(sourceId, iova, request));
    } finally {
      machine.unit().inFlight().exit(ticket, 1);
    }
  }

  /// One request with a PASID, whose memory access is left out.
  ///
  /// @param prefix a [dev.portcullis.pci.PasidPrefix], or none
  public Outcome request(int prefix, Request request, long iova) {
    return bracketed(() -> machine.unit().translate(sourceId, prefix, iova, request));
  }

  /// One translated request, whose memory access is left out.
  ///
  /// @param prefix a [dev.portcullis.pci.PasidPrefix], or none
  public Outcome translated(int prefix, long hpa, Request request) {
    return bracketed(() -> machine.unit().checkTranslated(sourceId, prefix, hpa, request));
  }

  /// One translation request; the completion stands in the place of an address.
  ///
  /// @param prefix a [dev.portcullis.pci.PasidPrefix], or none
  public Outcome translation(int prefix, long iova, boolean noWrite) {
    return bracketed(() -> machine.unit().requestTranslation(sourceId, prefix, iova, noWrite));
  }

  private Outcome bracketed(LongSupplier request) {
    int ticket = machine.unit().inFlight().enter(1);
    try {
      return outcome(request.getAsLong());
    } finally {
      machine.unit().inFlight().exit(ticket, 1);
    }
  }

  private static Outcome outcome(long translated) {
    return translated >= 0
        ? Outcome.at(translated)
        : new Outcome(RemappingUnit.completionOf(translated), -1);
  }

  // Requests that reach memory, as a root complex makes them.

  /// The aligned 64-bit word at `iova`, or nothing if the request or the memory failed.
  public OptionalLong readLong(long iova) {
    int ticket = machine.unit().inFlight().enter(1);
    try {
      long hpa = machine.unit().translate(sourceId, iova, Request.READ);
      Fetched word = new Fetched();
      return hpa >= 0 && machine.memory().map().fetch64(hpa, word)
          ? OptionalLong.of(word.lo)
          : OptionalLong.empty();
    } finally {
      machine.unit().inFlight().exit(ticket, 1);
    }
  }

  /// Writes the 64-bit word at `iova`.
  public Completion writeLong(long iova, long value) {
    int ticket = machine.unit().inFlight().enter(1);
    try (Arena arena = Arena.ofConfined()) {
      long hpa = machine.unit().translate(sourceId, iova, Request.WRITE);
      if (hpa < 0) {
        return RemappingUnit.completionOf(hpa);
      }
      MemorySegment word = arena.allocate(8);
      word.set(LONG, 0, value);
      return machine.memory().map().write(hpa, word, 0, 8)
          ? Completion.SUCCESS
          : Completion.COMPLETER_ABORT;
    } finally {
      machine.unit().inFlight().exit(ticket, 1);
    }
  }

  /// An interrupt message.
  public Completion message(long address, int data) {
    long outcome = machine.unit().interrupt(sourceId, address, data, machine.delivered());
    return outcome < 0 ? RemappingUnit.completionOf(outcome) : Completion.SUCCESS;
  }

  @Override
  public String toString() {
    return "%04x".formatted(sourceId);
  }
}
