package dev.portcullis.conformance;

import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.table.Domain;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.UnitConfigurationBuilder;
import java.util.function.UnaryOperator;

/// Machines in scalable mode: the queue has 256-bit descriptors, translation is on, and the root
/// table is empty.
final class Scalable {
  /// Values of RTADDR.TTM, in place.
  static final long SCALABLE = 1 << 10;

  static final long RESERVED = 2 << 10;
  static final long ABORT = 3 << 10;

  /// The bit of a PASID entry's second word that has walks snooped.
  static final long PWSNP = 1 << 23;

  private Scalable() {}

  /// Everything that adds a type of descriptor or a bit to one.
  static UnitConfigurationBuilder everything(UnitConfigurationBuilder builder) {
    return builder.with(
        Feature.SCALABLE_MODE,
        Feature.ABORT_DMA_MODE,
        Feature.FIRST_STAGE,
        Feature.SECOND_STAGE,
        Feature.NESTED_TRANSLATION,
        Feature.REQUESTER_PASID,
        Feature.INTERRUPT_REMAPPING,
        Feature.PASID,
        Feature.DEVICE_TLBS,
        Feature.DEVICE_TLB_INVALIDATION_THROTTLE,
        Feature.PAGE_REQUESTS,
        Feature.PAGE_REQUEST_DRAIN,
        Feature.STOP_MARKERS,
        Feature.HOST_PERMISSION_TABLES);
  }

  static TestMachine machine() {
    return machine(builder -> builder);
  }

  static TestMachine machine(UnaryOperator<UnitConfigurationBuilder> choices) {
    TestMachine machine = TestMachine.withUnit(builder -> choices.apply(everything(builder)));
    machine.registers().setRootTable(machine.rootTable() | SCALABLE);
    machine.queue().enableWide();
    machine.registers().enable(Command.TE);
    return machine;
  }

  /// Entry 0 of the PASID table at `table`: second stage by `domain`, with `bits` of its second
  /// word.
  static void pasid(TestMachine machine, long table, Domain domain, long bits) {
    machine.memory().writeLong(table + 8, bits | domain.id());
    long secondStage = 2 << 6 | (long) domain.addressWidthCode() << 2;
    machine.memory().writeLong(table, domain.root() | secondStage | 1);
  }

  /// A context entry of `device`, below a root entry of its own, that leads to `table`.
  static void context(TestMachine machine, TestDevice device, long table) {
    long directory = machine.page();
    long contexts = machine.page();
    machine.memory().writeLong(directory, table | 1);
    machine.memory().writeLong(contexts + 32L * device.sourceId(), directory | 1);
    machine.memory().writeLong(machine.rootTable(), contexts | 1);
  }

  /// Turns translation on, by the machine's root table.
  static void translate(TestMachine machine) {
    machine.registers().setRootTable(machine.rootTable() | SCALABLE);
    machine.queue().enableWide();
    machine.registers().enable(Command.TE);
  }
}
