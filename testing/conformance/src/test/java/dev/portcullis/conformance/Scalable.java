package dev.portcullis.conformance;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.register.Command;
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
}
