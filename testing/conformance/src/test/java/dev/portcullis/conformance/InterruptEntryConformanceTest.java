package dev.portcullis.conformance;

import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.interrupt.Destinations;
import dev.portcullis.kit.interrupt.InterruptRequest;
import dev.portcullis.kit.interrupt.Irte;
import dev.portcullis.kit.interrupt.PostedDescriptor;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.table.Entry;
import dev.portcullis.spec.register.Feature;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every bit of an interrupt remapping entry that must be 0, who may use an entry, and which check
/// comes first.
class InterruptEntryConformanceTest {
  private static final Entry ENTRY = Irte.remapped(0x41, 0x0200);
  private static final InterruptRequest REQUEST = InterruptRequest.of(9);
  private static final int HOST_ADDRESS_BITS = 46;
  private static final long MESSAGE = 0xfee0_2000L;
  private static final int DATA = 0x4041;

  private final Remapping remapping = Remapping.with(Destinations.BITS_8);

  private static IntStream bits(long lo, long hi) {
    return IntStream.range(0, 128).filter(bit -> ((bit < 64 ? lo : hi) >>> (bit & 63) & 1) != 0);
  }

  static IntStream remappedBits() {
    return bits(Irte.remappedReservedLo(Destinations.BITS_8, true), Irte.remappedReservedHi());
  }

  static IntStream extendedBits() {
    return bits(Irte.remappedReservedLo(Destinations.BITS_32, true), Irte.remappedReservedHi());
  }

  static IntStream postedBits() {
    return bits(Irte.postedReservedLo(), Irte.postedReservedHi(HOST_ADDRESS_BITS));
  }

  @ParameterizedTest
  @MethodSource("remappedBits")
  @Covers("fault 24h")
  void aReservedBitOfAnEntryIsAFault(int bit) {
    remapping.table.set(9, ENTRY.with(bit));
    remapping.fault(REQUEST, 0x24, 9);
  }

  @ParameterizedTest
  @MethodSource("extendedBits")
  @Covers("fault 24h")
  void aReservedBitOfAnEntryIsAFaultInExtendedModeToo(int bit) {
    Remapping extended = Remapping.with(Destinations.BITS_32);
    extended.table.set(9, ENTRY.with(bit));
    extended.fault(REQUEST, 0x24, 9);
  }

  @ParameterizedTest
  @MethodSource("postedBits")
  @Covers({"fault 24h", "register CAP.PI"})
  void aReservedBitOfAnEntryInPostedFormatIsAFault(int bit) {
    PostedDescriptor descriptor = PostedDescriptor.of(remapping.machine, 0xf2, 0x0300);
    remapping.table.set(9, Irte.posted(descriptor.address(), 0x41).with(bit));
    remapping.fault(REQUEST, 0x24, 9);
  }

  @Test
  @Covers({"fault 24h", "register CAP.PI"})
  void thePostedFormatIsReservedWhereTheUnitCannotPost() {
    Remapping plain =
        Remapping.with(Destinations.BITS_8, builder -> builder.without(Feature.POSTED_INTERRUPTS));
    plain.table.set(9, ENTRY.with(Irte.IM));
    plain.fault(REQUEST, 0x24, 9);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 6})
  @Covers("fault 24h")
  void deliveryModesThatDoNotExistAreReserved(int mode) {
    remapping.table.set(9, Irte.deliveryMode(ENTRY, mode));
    remapping.fault(REQUEST, 0x24, 9);
  }

  @Test
  @Covers("fault 24h")
  void aValidationTypeThatDoesNotExistIsReserved() {
    remapping.table.set(9, Irte.source(ENTRY, 3, 0, 0));
    remapping.fault(REQUEST, 0x24, 9);
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 9, 10, 11})
  void theBitsForSoftwareDoNotCount(int bit) {
    remapping.table.set(9, ENTRY.with(bit));
    remapping.sends(REQUEST, MESSAGE, DATA);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0000", "1, 0004", "2, 0002", "2, 0004", "2, 0006", "3, 0001", "3, 0004", "3, 0007"
  })
  void theQualifierNamesTheBitsOfTheFunctionThatDoNotCount(int qualifier, String ignored) {
    int sourceId = remapping.device.sourceId();
    int named = sourceId ^ Integer.parseInt(ignored, 16);
    remapping.table.set(9, Irte.source(ENTRY, 1, qualifier, named));
    remapping.sends(REQUEST, MESSAGE, DATA);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0001", "0, 0004", "0, 0100", "0, 8000", "1, 0001", "1, 0002", "2, 0001", "2, 0008",
    "3, 0008", "3, 0100", "3, 8000"
  })
  @Covers("fault 26h")
  void everyOtherBitOfTheSourceMustBeTheEntrys(int qualifier, String different) {
    int named = remapping.device.sourceId() ^ Integer.parseInt(different, 16);
    remapping.table.set(9, Irte.source(ENTRY, 1, qualifier, named));
    remapping.fault(REQUEST, 0x26, 9);
  }

  @Test
  void withoutValidationAnyoneMayUseAnEntry() {
    remapping.table.set(9, Irte.source(ENTRY, 0, 3, 0x1234));
    remapping.sends(REQUEST, MESSAGE, DATA);
  }

  @Test
  @Covers("fault 26h")
  void aRangeOfBusesStartsAtTheUpperByteAndEndsAtTheLower() {
    remapping.table.set(9, Irte.source(ENTRY, 2, 1, 0x0305));
    for (int bus = 0; bus < 256; bus++) {
      TestDevice device = remapping.machine.device(bus << 8 | 0xa7);
      if (bus >= 3 && bus <= 5) {
        remapping.sends(device, REQUEST, MESSAGE, DATA);
      } else {
        remapping.fault(device, REQUEST, 0x26, 9);
      }
    }
  }

  @Test
  @Covers("fault 26h")
  void aRangeOfBusesTheWrongWayRoundHasNone() {
    remapping.table.set(9, Irte.source(ENTRY, 2, 0, 0x0500));
    remapping.fault(REQUEST, 0x26, 9);
  }

  @Test
  void faultsOfAnEntryThatSaysSoAreNotRecorded() {
    remapping.table.set(1, ENTRY.with(Irte.FPD).without(Irte.P));
    remapping.table.set(2, Irte.source(ENTRY.with(Irte.FPD), 1, 0, 0x4444));
    remapping.table.set(3, ENTRY.with(Irte.FPD).with(12));
    remapping.table.set(4, Irte.posted(GuestMemory.HOLE, 1).with(Irte.FPD));
    PostedDescriptor bad = PostedDescriptor.of(remapping.machine, 1, 0).set(511);
    remapping.table.set(5, Irte.posted(bad.address(), 1).with(Irte.FPD));
    for (int index = 1; index <= 5; index++) {
      remapping.silence(InterruptRequest.of(index));
    }
  }

  @Test
  void theRequestIsJudgedBeforeTheTable() {
    remapping.fault(InterruptRequest.of(0x7fff).subhandle(1 << 16), 0x20);
  }

  @Test
  void theEntryIsPresentBeforeItsSourceIsLookedAt() {
    remapping.table.set(9, Irte.source(ENTRY, 1, 0, 0x4444).without(Irte.P).with(12));
    remapping.fault(REQUEST, 0x22, 9);
  }

  @Test
  void theSourceIsValidBeforeReservedBitsAreLookedAt() {
    remapping.table.set(9, Irte.source(ENTRY, 1, 0, 0x4444).with(12));
    remapping.fault(REQUEST, 0x26, 9);
  }

  @Test
  void reservedBitsOfTheEntryComeBeforeTheDescriptor() {
    remapping.table.set(9, Irte.posted(GuestMemory.HOLE, 1).with(2));
    remapping.fault(REQUEST, 0x24, 9);
  }
}
