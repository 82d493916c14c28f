package dev.portcullis.conformance.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.fault.FaultRecord;
import dev.portcullis.driver.interrupt.InterruptBlock;
import dev.portcullis.driver.interrupt.InterruptBlock.Urgency;
import dev.portcullis.driver.interrupt.InterruptOptions;
import dev.portcullis.driver.interrupt.InterruptOptions.Apics;
import dev.portcullis.driver.interrupt.InterruptOptions.Compatibility;
import dev.portcullis.driver.interrupt.InterruptTable;
import dev.portcullis.driver.interrupt.InterruptTarget;
import dev.portcullis.driver.interrupt.InterruptTarget.DestinationMode;
import dev.portcullis.driver.interrupt.InterruptTarget.Trigger;
import dev.portcullis.driver.interrupt.PostedInterrupts;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.kit.driver.InProcessPlatform;
import dev.portcullis.kit.fault.Messages;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.interrupt.CompatibilityFormat;
import dev.portcullis.spec.interrupt.DeliveryMode;
import dev.portcullis.spec.interrupt.RemappableFormat;
import dev.portcullis.spec.interrupt.SourceCheck;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Interrupts of a device go where the driver says, and nowhere else.
class InterruptTableTest {
  private static final int SOURCE = 0x0018;
  private static final int OTHER = 0x0020;
  private static final SourceCheck OWN = SourceCheck.requester(SOURCE);
  private static final InterruptOptions XAPIC =
      new InterruptOptions(8, Apics.XAPIC, Compatibility.REFUSED);
  private static final InterruptOptions X2APIC =
      new InterruptOptions(8, Apics.X2APIC, Compatibility.REFUSED);

  private final Messages delivered = new Messages();
  private InProcessPlatform platform;
  private RemappingDriver driver;

  private InterruptTable start(Units unit, InterruptOptions options) throws DriverException {
    platform = new InProcessPlatform(unit.configuration());
    driver = RemappingDriver.start(platform.platform(), DriverOptions.DEFAULT.remapping(options));
    return driver.interrupts().orElseThrow();
  }

  private void send(int sourceId, RemappableFormat message) {
    platform.unit().interrupt(sourceId, message.address(), message.data(), delivered);
  }

  private CompatibilityFormat theOnlyOne() {
    List<Messages.Message> taken = delivered.take();
    assertThat(taken).hasSize(1);
    return new CompatibilityFormat(taken.get(0).address(), taken.get(0).data());
  }

  private void isRefused(FaultReason reason) throws DriverException {
    assertThat(delivered.take()).isEmpty();
    List<FaultRecord> faults = new ArrayList<>();
    driver.faults().drain(faults::add);
    assertThat(faults)
        .singleElement()
        .satisfies(fault -> {
          assertThat(fault.reason()).contains(reason);
          assertThat(fault.isInterrupt()).isTrue();
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"INTERRUPTS", "INTERRUPTS_CACHING_MODE"})
  void anInterruptGoesWhereItsEntrySays(Units unit) throws Exception {
    InterruptBlock block = start(unit, XAPIC).allocate(1);
    send(SOURCE, block.message(0));
    isRefused(FaultReason.INTERRUPT_ENTRY_NOT_PRESENT);
    block.remap(0, InterruptTarget.of(0x41, 7), OWN);
    send(SOURCE, block.message(0));
    CompatibilityFormat first = theOnlyOne();
    assertThat(first.vector()).isEqualTo(0x41);
    assertThat(first.destination()).isEqualTo(7);
    block.remap(0, InterruptTarget.of(0x52, 3), OWN);
    send(SOURCE, block.message(0));
    CompatibilityFormat second = theOnlyOne();
    assertThat(second.vector()).isEqualTo(0x52);
    assertThat(second.destination()).isEqualTo(3);
    block.clear(0);
    send(SOURCE, block.message(0));
    isRefused(FaultReason.INTERRUPT_ENTRY_NOT_PRESENT);
  }

  @Test
  void largeDestinationsNeedX2apics() throws Exception {
    InterruptBlock block = start(Units.INTERRUPTS, X2APIC).allocate(1);
    InterruptTarget target =
        new InterruptTarget(
            0x61, 0x1_2345, DeliveryMode.LOWEST_PRIORITY, DestinationMode.LOGICAL, Trigger.EDGE);
    block.remap(0, target, OWN);
    send(SOURCE, block.message(0));
    CompatibilityFormat message = theOnlyOne();
    assertThat(message.destination()).isEqualTo(0x1_2345);
    assertThat(message.deliveryMode()).isEqualTo(DeliveryMode.LOWEST_PRIORITY.code());
    assertThat(CompatibilityFormat.DM.isSet(message.address())).isTrue();
  }

  @Test
  void anotherDeviceCannotSendIt() throws Exception {
    InterruptBlock block = start(Units.INTERRUPTS, XAPIC).allocate(1);
    block.remap(0, InterruptTarget.of(0x41, 7), OWN);
    send(OTHER, block.message(0));
    isRefused(FaultReason.SOURCE_NOT_VALID);
  }

  @Test
  void eachMessageOfABlockHasItsEntry() throws Exception {
    InterruptTable table = start(Units.INTERRUPTS, XAPIC);
    table.allocate(1);
    InterruptBlock block = table.allocate(4);
    assertThat(block.first() % 4).isZero();
    for (int i = 0; i < 4; i++) {
      block.remap(i, InterruptTarget.of(0x80 + i, i), OWN);
    }
    for (int i = 0; i < 4; i++) {
      send(SOURCE, block.message(i));
      assertThat(theOnlyOne().vector()).isEqualTo(0x80 + i);
    }
    block.close();
    send(SOURCE, block.message(2));
    isRefused(FaultReason.INTERRUPT_ENTRY_NOT_PRESENT);
  }

  @Test
  void blocksComeBackAndRunOut() throws Exception {
    InterruptTable table = start(Units.INTERRUPTS, XAPIC);
    InterruptBlock all = table.allocate(256);
    assertThatThrownBy(() -> table.allocate(1))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(DriverException.Reason.OUT_OF_INTERRUPTS));
    all.close();
    assertThat(table.allocate(32).first()).isZero();
  }

  @Test
  void theCompatibilityFormatIsRefusedUnlessItIsLetThrough() throws Exception {
    CompatibilityFormat old = CompatibilityFormat.of(1, 0, 0, DeliveryMode.FIXED, 0x33);
    start(Units.INTERRUPTS, XAPIC);
    platform.unit().interrupt(SOURCE, old.address(), old.data(), delivered);
    isRefused(FaultReason.COMPATIBILITY_FORMAT_BLOCKED);
    start(Units.INTERRUPTS, new InterruptOptions(8, Apics.XAPIC, Compatibility.LET_THROUGH));
    platform.unit().interrupt(SOURCE, old.address(), old.data(), delivered);
    assertThat(theOnlyOne().vector()).isEqualTo(0x33);
  }

  @ParameterizedTest
  @EnumSource(names = {"INTERRUPTS", "INTERRUPTS_CACHING_MODE"})
  void aPostedInterruptIsToldOfOnceUntilItIsTaken(Units unit) throws Exception {
    InterruptTable table = start(unit, X2APIC);
    InterruptBlock block = table.allocate(2);
    PostedInterrupts descriptor = table.newDescriptor(0xf2, 5);
    block.post(0, descriptor, 0x41, Urgency.NORMAL, OWN);
    block.post(1, descriptor, 0xc7, Urgency.NORMAL, OWN);
    send(SOURCE, block.message(0));
    CompatibilityFormat notification = theOnlyOne();
    assertThat(notification.vector()).isEqualTo(0xf2);
    assertThat(notification.destination()).isEqualTo(5);
    send(SOURCE, block.message(1));
    assertThat(delivered.take()).as("told already").isEmpty();
    assertThat(descriptor.take()).isEqualTo(bits(0x41, 0xc7));
    assertThat(descriptor.take()).isEqualTo(bits());
    send(SOURCE, block.message(1));
    assertThat(theOnlyOne().vector()).isEqualTo(0xf2);
    assertThat(descriptor.take()).isEqualTo(bits(0xc7));
  }

  private static BitSet bits(int... set) {
    BitSet bits = new BitSet();
    for (int bit : set) {
      bits.set(bit);
    }
    return bits;
  }

  @Test
  void onlyUrgentInterruptsAreToldOfWhileOthersAreSuppressed() throws Exception {
    InterruptTable table = start(Units.INTERRUPTS, XAPIC);
    InterruptBlock block = table.allocate(2);
    PostedInterrupts descriptor = table.newDescriptor(0xf2, 5);
    block.post(0, descriptor, 0x41, Urgency.NORMAL, OWN);
    block.post(1, descriptor, 0x42, Urgency.URGENT, OWN);
    descriptor.suppress();
    send(SOURCE, block.message(0));
    assertThat(delivered.take()).isEmpty();
    send(SOURCE, block.message(1));
    assertThat(theOnlyOne().vector()).isEqualTo(0xf2);
    assertThat(descriptor.take()).isEqualTo(bits(0x41, 0x42));
    descriptor.resume();
    send(SOURCE, block.message(0));
    assertThat(theOnlyOne().vector()).isEqualTo(0xf2);
  }

  @Test
  void aPostedInterruptCanBeRemappedAgain() throws Exception {
    InterruptTable table = start(Units.INTERRUPTS, XAPIC);
    InterruptBlock block = table.allocate(1);
    PostedInterrupts descriptor = table.newDescriptor(0xf2, 5);
    block.remap(0, InterruptTarget.of(0x41, 7), OWN);
    send(SOURCE, block.message(0));
    assertThat(theOnlyOne().vector()).isEqualTo(0x41);
    block.post(0, descriptor, 0x41, Urgency.NORMAL, OWN);
    send(SOURCE, block.message(0));
    assertThat(theOnlyOne().vector()).isEqualTo(0xf2);
    block.remap(0, InterruptTarget.of(0x41, 7), OWN);
    send(SOURCE, block.message(0));
    assertThat(theOnlyOne().vector()).isEqualTo(0x41);
  }

  @Test
  void nothingIsRemappedAfterTheEnd() throws Exception {
    start(Units.INTERRUPTS, XAPIC).allocate(1).remap(0, InterruptTarget.of(0x41, 7), OWN);
    driver.shutDown();
    RemappableFormat message = RemappableFormat.message(0, 0);
    send(SOURCE, message);
    assertThat(delivered.take())
        .containsExactly(new Messages.Message(message.address(), message.data()));
    assertThat(platform.pagesTaken()).isZero();
  }

  @Test
  void aUnitThatCannotIsRefused() {
    assertThatThrownBy(() -> start(Units.LEGACY, XAPIC))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(DriverException.Reason.UNSUPPORTED));
    assertThat(platform.pagesTaken()).isZero();
  }
}
