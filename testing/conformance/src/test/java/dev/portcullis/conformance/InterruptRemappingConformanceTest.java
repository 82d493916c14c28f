package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.fault.FaultRecord;
import dev.portcullis.kit.interrupt.Destinations;
import dev.portcullis.kit.interrupt.InterruptRequest;
import dev.portcullis.kit.interrupt.InterruptTable;
import dev.portcullis.kit.interrupt.Irte;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.table.Entry;
import dev.portcullis.pci.Completion;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.request.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Interrupt requests in both formats, the entries they name, and the messages that come out.
class InterruptRemappingConformanceTest {
  private static final Entry ENTRY = Irte.remapped(0x41, 0x0200);
  private static final long MESSAGE = 0xfee0_2000L;
  private static final int DATA = 0x4041;

  private final Remapping remapping = Remapping.with(Destinations.BITS_8);

  @Test
  @Covers({"register ECAP.IR", "register GCMD.IRE", "register GSTS.IRES"})
  void nothingOfTheRequestIsLeftInTheMessage() {
    remapping.table.set(9, ENTRY);
    remapping.sends(InterruptRequest.of(9).data(0xffff_ffff), MESSAGE, DATA);
    remapping.sends(InterruptRequest.of(9).subhandle(0), MESSAGE, DATA);
  }

  @Test
  void aSubhandleIsAddedToTheHandle() {
    remapping.table.set(9, ENTRY);
    remapping.sends(InterruptRequest.of(6).subhandle(3), MESSAGE, DATA);
    remapping.fault(InterruptRequest.of(6).data(3), 0x22, 6);
  }

  @Test
  void theHandlesTopBitIsBit2OfTheAddress() {
    TestMachine machine = Remapping.machine(builder -> builder);
    InterruptTable large = new InterruptTable(machine, 15).remap(Destinations.BITS_8);
    large.set(0x8001, ENTRY).set(0xffff, ENTRY);
    TestDevice device = machine.device("00:03.0");
    assertThat(device.message(0xfee0_0034L, 0)).isEqualTo(Completion.SUCCESS);
    assertThat(device.message(0xfeef_fffcL, 0)).isEqualTo(Completion.SUCCESS);
    assertThat(device.message(0xfeef_fffcL, 1)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(machine.faults().take())
        .containsExactly(FaultRecord.interrupt(0x21, device.sourceId(), 0));
  }

  @Test
  void bits1And0OfTheAddressDoNotCount() {
    remapping.table.set(9, ENTRY);
    InterruptRequest request = InterruptRequest.of(9);
    remapping.sends(new InterruptRequest(request.address() | 3, 0), MESSAGE, DATA);
  }

  @ParameterizedTest
  @CsvSource({
    "2, fee02004, 4041",
    "3, fee02008, 4041",
    "4, fee02000, c041",
    "8, fee02000, 4041",
    "11, fee02000, 4041"
  })
  void flagsOfTheEntryAppearInTheMessage(int bit, String address, String data) {
    remapping.table.set(9, ENTRY.with(bit));
    remapping.sends(
        InterruptRequest.of(9), Long.parseLong(address, 16), Integer.parseInt(data, 16));
  }

  @ParameterizedTest
  @CsvSource({"0, c041", "1, c141", "2, 4241", "4, 4441", "5, 4541", "7, 4741"})
  void onlyFixedAndLowestPriorityInterruptsCanBeLevels(int mode, String data) {
    remapping.table.set(9, Irte.deliveryMode(ENTRY.with(Irte.TM), mode));
    remapping.sends(InterruptRequest.of(9), MESSAGE, Integer.parseInt(data, 16));
  }

  @Test
  @Covers({"register ECAP.EIM", "register IRTA.EIME"})
  void inExtendedModeADestinationHas32Bits() {
    Remapping extended = Remapping.with(Destinations.BITS_32);
    extended.table.set(9, Irte.remapped(0x41, 0x8765_4321));
    extended.sends(InterruptRequest.of(9), 0x8765_4300_fee2_1000L, DATA);
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 24, 31})
  @Covers("fault 20h")
  void aSubhandleOfMoreThan16BitsIsRefused(int bit) {
    remapping.table.set(9, ENTRY);
    remapping.fault(InterruptRequest.of(9).subhandle(1 << bit), 0x20);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 15})
  @Covers({"fault 21h", "register IRTA.S"})
  void theFirstIndexBeyondTheTableIsRefused(int sizeCode) {
    TestMachine machine = Remapping.machine(builder -> builder);
    InterruptTable table = new InterruptTable(machine, sizeCode).remap(Destinations.BITS_8);
    int last = table.size() - 1;
    table.set(last, ENTRY);
    TestDevice device = machine.device("00:03.0");
    InterruptRequest inside = InterruptRequest.of(last);
    InterruptRequest beyond = inside.subhandle(1);
    assertThat(device.message(inside.address(), 0)).isEqualTo(Completion.SUCCESS);
    assertThat(device.message(beyond.address(), beyond.data()))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(machine.faults().take())
        .containsExactly(FaultRecord.interrupt(0x21, device.sourceId(), last + 1 & 0xffff));
  }

  @Test
  @Covers("fault 21h")
  void anEntryBeyondTheHostsWidthIsRefused() {
    Remapping narrow = Remapping.with(Destinations.BITS_8, builder -> builder.hostAddressBits(41));
    new InterruptTable(narrow.machine, 7, 1L << 41).take(Destinations.BITS_8);
    narrow.fault(InterruptRequest.of(9), 0x21, 9);
  }

  @Test
  @Covers("fault 21h")
  void aTableAtTheEndOfAllAddressesDoesNotGoOnAtZero() {
    new InterruptTable(remapping.machine, 15, -4096L).take(Destinations.BITS_8);
    remapping.fault(InterruptRequest.of(0x7fff), 0x21, 0x7fff);
  }

  @Test
  @Covers("fault 22h")
  void anAbsentEntryIsRefused() {
    remapping.table.set(9, ENTRY.without(Irte.P));
    remapping.fault(InterruptRequest.of(9), 0x22, 9);
  }

  @Test
  @Covers("fault 23h")
  void anEntryWithoutMemoryIsRefused() {
    new InterruptTable(remapping.machine, 7, GuestMemory.HOLE).take(Destinations.BITS_8);
    remapping.fault(InterruptRequest.of(9), 0x23, 9);
  }

  @ParameterizedTest
  @EnumSource(Destinations.class)
  @Covers("fault 25h")
  void theCompatibilityFormatIsBlockedFromPowerOnOn(Destinations destinations) {
    Remapping.with(destinations).fault(InterruptRequest.compatible(0x1000, 0x31), 0x25);
  }

  @Test
  @Covers({"register GCMD.CFI", "register GSTS.CFIS"})
  void theCompatibilityFormatPassesUnchangedIfSoftwareLetsIt() {
    remapping.machine.registers().enable(Command.CFI);
    remapping.sends(InterruptRequest.compatible(0x1abc3 & ~0x10, 0x1234), 0xfee1_abc3L, 0x1234);
    remapping.machine.registers().disable(Command.CFI);
    remapping.fault(InterruptRequest.compatible(0x1000, 0x31), 0x25);
  }

  @Test
  @Covers({"fault 25h", "register GCMD.CFI"})
  void inExtendedModeTheCompatibilityFormatNeverPasses() {
    Remapping extended = Remapping.with(Destinations.BITS_32);
    extended.machine.registers().enable(Command.CFI);
    extended.fault(InterruptRequest.compatible(0x1000, 0x31), 0x25);
  }

  @Test
  @Covers({"fault 2Ah", "register ECAP.EIMER"})
  void aUnitThatNeedsExtendedModeRefusesEverythingWithoutIt() {
    Remapping needing =
        Remapping.with(
            Destinations.BITS_8, builder -> builder.with(Feature.EXTENDED_INTERRUPT_MODE_REQUIRED));
    needing.table.set(9, ENTRY);
    needing.machine.registers().enable(Command.CFI);
    needing.fault(InterruptRequest.of(9), 0x2a);
    needing.fault(InterruptRequest.compatible(0x1000, 0x31), 0x2a);
    needing.fault(InterruptRequest.of(9).subhandle(1 << 16), 0x2a);
  }

  @Test
  @Covers({"fault 2Bh", "register ECAP.IRREQ"})
  void aUnitThatNeedsRemappingRefusesEverythingWithoutIt() {
    Remapping needing =
        Remapping.with(
            Destinations.BITS_32,
            builder ->
                builder.with(
                    Feature.INTERRUPT_REMAPPING_REQUIRED,
                    Feature.EXTENDED_INTERRUPT_MODE_REQUIRED));
    needing.table.set(9, Irte.remapped(0x41, 2));
    needing.sends(InterruptRequest.of(9), MESSAGE, DATA);
    needing.machine.registers().disable(Command.IRE);
    needing.fault(InterruptRequest.of(9), 0x2b);
    needing.fault(InterruptRequest.compatible(0x1000, 0x31), 0x2b);
  }

  @ParameterizedTest
  @EnumSource(
      value = Request.class,
      names = {"READ", "WRITE", "ATOMIC"})
  @Covers("fault 29h")
  void whatIsNoInterruptIsRecordedWhileOnlyInterruptsAreRemapped(Request request) {
    Expect.of(remapping.machine, remapping.device, request, 0xfee0_0000L).fault(0x29);
    remapping.machine.registers().disable(Command.IRE);
    Expect.of(remapping.machine, remapping.device, request, 0xfee0_0000L).silence();
  }

  @Test
  void interruptsPassAsTheyAreWithoutRemapping() {
    remapping.machine.registers().disable(Command.IRE);
    remapping.sends(InterruptRequest.of(9).subhandle(-1), InterruptRequest.of(9).address() | 8, -1);
    remapping.sends(InterruptRequest.compatible(0x1000, 0x31), 0xfee0_1000L, 0x31);
  }

  @Test
  void theUnitsOwnMessagesAreNotRemapped() {
    remapping.machine.registers().write32(Offsets.FEADDR, 0xfee0_1000L);
    remapping.machine.registers().write32(Offsets.FEDATA, 0x31);
    remapping.machine.registers().write32(Offsets.FECTL, 0);
    remapping.fault(InterruptRequest.of(9), 0x22, 9);
    assertThat(remapping.machine.messages().take())
        .extracting(message -> message.address() + ":" + message.data())
        .containsExactly(0xfee0_1000L + ":" + 0x31);
  }

  @Test
  void interruptsOfAnIoApicAreRemappedByItsOwnSourceId() {
    remapping.table.set(4, Irte.source(ENTRY, 1, 0, 0xf0f8));
    TestDevice ioApic = remapping.machine.device(0xf0f8);
    remapping.sends(ioApic, InterruptRequest.of(4).data(0x0030), MESSAGE, DATA);
    remapping.fault(InterruptRequest.of(4), 0x26, 4);
  }
}
