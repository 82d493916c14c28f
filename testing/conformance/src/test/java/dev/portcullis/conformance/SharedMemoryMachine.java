package dev.portcullis.conformance;

import dev.portcullis.kit.Await;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.machine.wiring.RootComplex;
import dev.portcullis.pci.IntxLine;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.BitField;
import dev.portcullis.spec.descriptor.PageRequestDescriptor;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.table.PasidDirectoryEntry;
import dev.portcullis.spec.table.PasidEntry;
import dev.portcullis.spec.table.ScalableContextEntry;
import dev.portcullis.spec.table.ScalableRootEntry;
import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.UnitConfigurationBuilder;
import java.util.function.UnaryOperator;

/// A whole machine in scalable mode: one function behind a root complex and a unit, with PASID
/// tables, a page-request queue, and the software side of both.
final class SharedMemoryMachine {
  static final int DOMAIN = 7;
  private static final RequesterId PLACE = new RequesterId(0, 5, 0);
  private static final long PAGE = GuestMemory.PAGE;
  private static final long QUEUE_BYTES = PAGE;

  private final TestMachine machine;
  private final RootComplex complex = new RootComplex();
  private final long directory;
  private final long pageQueue;

  /// The place of `function` behind a unit that has everything shared memory needs.
  SharedMemoryMachine(PciFunction function) {
    this(function, builder -> builder);
  }

  /// The same with a unit that differs in `choices`.
  SharedMemoryMachine(PciFunction function, UnaryOperator<UnitConfigurationBuilder> choices) {
    machine =
        TestMachine.withUnit(none ->
            choices.apply(
                UnitConfiguration.Preset.SCALABLE
                    .builder()
                    .with(Feature.STOP_MARKERS, Feature.PASID_IN_TRANSLATED_REQUESTS)));
    complex.cover(PLACE, machine.unit());
    complex.plug(PLACE, function);
    function.connect(
        complex.portOf(PLACE, machine.memory().map(), machine.delivered()), IntxLine.unconnected());
    function.writeConfig(4, 2, 6);
    directory = machine.page();
    pageQueue = machine.page();
    long contexts = machine.page();
    write(
        ScalableRootEntry.address(machine.rootTable(), PLACE.id()),
        ScalableRootEntry.present(contexts).word());
    context(
        contexts,
        ScalableContextEntry.present(directory, 0)
            .with(ScalableContextEntry.DTE)
            .with(ScalableContextEntry.PASIDE)
            .with(ScalableContextEntry.PRE)
            .with(ScalableContextEntry.EPTR));
    Registers registers = machine.registers();
    registers.write64(Offsets.PQA, pageQueue);
    registers.setRootTable(machine.rootTable() | Scalable.SCALABLE);
    machine.queue().enableWide();
    registers.enable(Command.TE);
  }

  private void write(long hpa, long word) {
    machine.memory().writeLong(hpa, word);
  }

  private void context(long table, ScalableContextEntry entry) {
    long at = ScalableContextEntry.address(table, PLACE.id());
    write(at + 8, entry.hi());
    write(at, entry.lo());
  }

  /// Clears bits of the context entry, and has the unit forget what it said.
  void forbid(BitField... bits) {
    long mask = 0;
    for (BitField bit : bits) {
      mask |= bit.mask();
    }
    long table =
        machine.memory().readLong(ScalableRootEntry.address(machine.rootTable(), PLACE.id()))
            & -PAGE;
    long at = ScalableContextEntry.address(table, PLACE.id());
    write(at, machine.memory().readLong(at) & ~mask);
    machine
        .queue()
        .complete(Descriptor.contextGlobal(), Descriptor.pasidsGlobal(), Descriptor.iotlbGlobal());
  }

  /// A new address space, for requests with `pasid`.
  FirstStage space(int pasid) {
    FirstStage space = new FirstStage(machine.memory());
    long entryAt = PasidDirectoryEntry.address(directory, pasid);
    if ((machine.memory().readLong(entryAt) & 1) == 0) {
      write(entryAt, PasidDirectoryEntry.present(machine.page()).word());
    }
    long table = machine.memory().readLong(entryAt) & -PAGE;
    PasidEntry entry = PasidEntry.firstStage(space.root(), 4, DOMAIN);
    long at = PasidEntry.address(table, pasid);
    write(at + 8, entry.w1());
    write(at + 16, entry.w2());
    write(at, entry.w0());
    return space;
  }

  TestMachine machine() {
    return machine;
  }

  GuestMemory memory() {
    return machine.memory();
  }

  int sourceId() {
    return PLACE.id();
  }

  RootComplex complex() {
    return complex;
  }

  // Page requests.

  /// How many page requests are in the queue.
  int pagesWaiting() {
    long bytes = machine.registers().read64(Offsets.PQT) - machine.registers().read64(Offsets.PQH);
    return (int) ((bytes & QUEUE_BYTES - 1) / PageRequestDescriptor.BYTES);
  }

  /// Takes the oldest page request out of the queue; waits for it.
  PageRequestDescriptor takePage() {
    Await.until("page request", () -> pagesWaiting() > 0);
    long head = machine.registers().read64(Offsets.PQH);
    PageRequestDescriptor request =
        new PageRequestDescriptor(
            machine.memory().readLong(pageQueue + head),
            machine.memory().readLong(pageQueue + head + 8));
    machine.registers().write64(Offsets.PQH, head + PageRequestDescriptor.BYTES & QUEUE_BYTES - 1);
    return request;
  }

  /// Answers a group.
  void answer(PageRequestDescriptor request, int code) {
    machine
        .queue()
        .complete(
            request.hasPasid()
                ? Descriptor.response(request.requesterId(), request.pasid(), request.group(), code)
                : Descriptor.response(request.requesterId(), request.group(), code));
  }

  /// Has the unit and the device forget a page of an address space.
  void forget(int pasid, long iova) {
    machine
        .queue()
        .complete(
            Descriptor.pasidIotlbPages(DOMAIN, pasid, iova, 0, Descriptor.Hint.ANY_ENTRY),
            Descriptor.pasidDeviceTlb(PLACE.id(), pasid, iova & -PAGE));
  }
}
