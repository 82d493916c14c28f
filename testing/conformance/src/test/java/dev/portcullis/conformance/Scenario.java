package dev.portcullis.conformance;

import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.unit.UnitConfigurationBuilder;
import dev.portcullis.unit.request.Request;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/// A way to meet a fault: one device with one good page, something broken, one request.
///
/// @param name a sentence
/// @param reason what must be recorded
/// @param request what the device does
/// @param iova where
/// @param choices how the unit differs from the default
/// @param breaking what is done to the good tables
record Scenario(
    String name,
    int reason,
    Request request,
    long iova,
    UnaryOperator<UnitConfigurationBuilder> choices,
    BiConsumer<TestMachine, TestDevice> breaking) {

  /// The address that is mapped, for reading and writing, before anything is broken.
  static final long IOVA = 0x12_3456_7000L;

  static Scenario scenario(
      String name, int reason, Request request, BiConsumer<TestMachine, TestDevice> breaking) {
    return new Scenario(name, reason, request, IOVA, builder -> builder, breaking);
  }

  Scenario at(long otherIova) {
    return new Scenario(name, reason, request, otherIova, choices, breaking);
  }

  Scenario unit(UnaryOperator<UnitConfigurationBuilder> otherChoices) {
    return new Scenario(name, reason, request, iova, otherChoices, breaking);
  }

  /// Good tables on a machine that translates.
  Arranged arrange() {
    TestMachine machine = TestMachine.withUnit(choices).translating();
    TestDevice device = machine.device("00:03.0").map(IOVA, machine.page());
    return new Arranged(this, machine, device);
  }

  @Override
  public String toString() {
    return "%s: %02Xh".formatted(name, reason);
  }

  /// A scenario on a machine of its own.
  record Arranged(Scenario scenario, TestMachine machine, TestDevice device) {
    Expect broken() {
      scenario.breaking.accept(machine, device);
      return Expect.of(machine, device, scenario.request, scenario.iova);
    }
  }
}
