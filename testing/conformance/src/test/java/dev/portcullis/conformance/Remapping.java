package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.fault.FaultRecord;
import dev.portcullis.kit.fault.Messages.Message;
import dev.portcullis.kit.interrupt.Destinations;
import dev.portcullis.kit.interrupt.InterruptRequest;
import dev.portcullis.kit.interrupt.InterruptTable;
import dev.portcullis.pci.Completion;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.UnitConfigurationBuilder;
import java.util.function.UnaryOperator;

/// A machine that remaps interrupts by a table of 256 entries, and what tests expect of an
/// interrupt, in words.
final class Remapping {
  final TestMachine machine;
  final InterruptTable table;
  final TestDevice device;

  private Remapping(TestMachine machine, Destinations destinations) {
    this.machine = machine;
    this.table = new InterruptTable(machine, 7);
    this.device = machine.device("00:03.0");
    table.remap(destinations);
  }

  /// A unit with all that interrupts can have.
  static Remapping with(Destinations destinations) {
    return with(destinations, builder -> builder);
  }

  /// The same but for `choices`.
  static Remapping with(
      Destinations destinations, UnaryOperator<UnitConfigurationBuilder> choices) {
    return new Remapping(machine(choices), destinations);
  }

  /// A unit with all that interrupts can have but for `choices`, not remapping yet.
  static TestMachine machine(UnaryOperator<UnitConfigurationBuilder> choices) {
    return TestMachine.withUnit(builder ->
        choices.apply(
            builder.with(
                Feature.INTERRUPT_REMAPPING,
                Feature.EXTENDED_INTERRUPT_MODE,
                Feature.POSTED_INTERRUPTS)));
  }

  /// Made now, `request` becomes this message, and nothing is recorded.
  void sends(InterruptRequest request, long address, int data) {
    sends(device, request, address, data);
  }

  /// The same of another device.
  void sends(TestDevice from, InterruptRequest request, long address, int data) {
    assertThat(from.message(request.address(), request.data())).isEqualTo(Completion.SUCCESS);
    assertThat(machine.faults().take()).isEmpty();
    assertThat(machine.delivered().take()).containsExactly(new Message(address, data));
  }

  /// Made now, `request` is taken, and nothing is sent or recorded.
  void sendsNothing(InterruptRequest request) {
    assertThat(device.message(request.address(), request.data())).isEqualTo(Completion.SUCCESS);
    assertThat(machine.faults().take()).isEmpty();
    assertThat(machine.delivered().take()).isEmpty();
  }

  /// Made now, `request` is refused for `reason`, and the record has no index.
  void fault(InterruptRequest request, int reason) {
    refuses(device, request);
    assertThat(machine.faults().take())
        .containsExactly(FaultRecord.interrupt(reason, device.sourceId()));
  }

  /// Made now, `request` is refused for `reason`, and the record has the index.
  void fault(InterruptRequest request, int reason, int index) {
    fault(device, request, reason, index);
  }

  /// The same of another device.
  void fault(TestDevice from, InterruptRequest request, int reason, int index) {
    refuses(from, request);
    assertThat(machine.faults().take())
        .containsExactly(FaultRecord.interrupt(reason, from.sourceId(), index));
  }

  /// Made now, `request` is refused, and nothing is recorded.
  void silence(InterruptRequest request) {
    refuses(device, request);
    assertThat(machine.faults().take()).isEmpty();
  }

  private void refuses(TestDevice from, InterruptRequest request) {
    assertThat(from.message(request.address(), request.data()))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(machine.delivered().take()).isEmpty();
  }
}
