package dev.portcullis.conformance;

import static dev.portcullis.conformance.Scenario.IOVA;

import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.table.Domain;
import dev.portcullis.kit.table.Paging;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.UnitConfigurationBuilder;
import dev.portcullis.unit.policy.AddressWidth;
import dev.portcullis.unit.policy.Bit62;
import dev.portcullis.unit.policy.LargePage;
import dev.portcullis.unit.request.Request;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every bit of every table entry: reserved, or ignored.
class EntryBitsConformanceTest {
  /// Host address width of the units here.
  private static final int HAW = 46;

  private static TestMachine machine(UnaryOperator<UnitConfigurationBuilder> choices) {
    return TestMachine.withUnit(builder ->
            choices.apply(
                builder
                    .hostAddressBits(HAW)
                    .guestAddressBits(57)
                    .addressWidths(EnumSet.allOf(AddressWidth.class))))
        .translating();
  }

  private static TestMachine machine() {
    return machine(builder -> builder);
  }

  private static IntStream bits(int msb, int lsb) {
    return IntStream.rangeClosed(lsb, msb);
  }

  private static IntStream all(IntStream... parts) {
    return Stream.of(parts).flatMapToInt(part -> part);
  }

  static IntStream reservedInARootEntry() {
    return all(bits(11, 1), bits(63, HAW), bits(127, 64));
  }

  @ParameterizedTest
  @MethodSource("reservedInARootEntry")
  @Covers("fault 0Ah")
  void aReservedBitOfARootEntryIsAFault(int bit) {
    TestMachine machine = machine();
    TestDevice device = machine.device("00:03.0").map(IOVA, machine.page());
    device.changeRoot(entry -> entry.with(bit));
    Expect.of(machine, device, Request.READ, IOVA).fault(0x0a);
  }

  static IntStream reservedInAContextEntry() {
    return all(bits(11, 4), bits(63, HAW), bits(71, 71), bits(127, 88));
  }

  @ParameterizedTest
  @MethodSource("reservedInAContextEntry")
  @Covers("fault 0Bh")
  void aReservedBitOfAContextEntryIsAFault(int bit) {
    TestMachine machine = machine();
    TestDevice device = machine.device("00:03.0").map(IOVA, machine.page());
    device.changeContext(entry -> entry.with(bit));
    Expect.of(machine, device, Request.READ, IOVA).fault(0x0b);
  }

  @ParameterizedTest
  @ValueSource(ints = {67, 68, 69, 70})
  void anIgnoredBitOfAContextEntryIsIgnored(int bit) {
    TestMachine machine = machine();
    long page = machine.page();
    TestDevice device = machine.device("00:03.0").map(IOVA, page);
    device.changeContext(entry -> entry.with(bit));
    Expect.of(machine, device, Request.READ, IOVA).at(page);
  }

  static Stream<Arguments> domainIdWidths() {
    return IntStream.of(4, 6, 8, 10, 12, 14, 16)
        .boxed()
        .flatMap(width -> bits(15, 0).mapToObj(bit -> Arguments.of(width, bit, bit >= width)));
  }

  @ParameterizedTest(name = "{0}-bit domain-ids, bit {1}: reserved {2}")
  @MethodSource("domainIdWidths")
  @Covers("register CAP.ND")
  void bitsOfADomainIdThatTheUnitDoesNotHaveAreReserved(int width, int bit, boolean reserved) {
    TestMachine machine = machine(builder -> builder.domainIdBits(width));
    long page = machine.page();
    TestDevice device = machine.device("00:03.0").attach(machine.domain(1 << bit, 4));
    device.map(IOVA, page);
    Expect request = Expect.of(machine, device, Request.READ, IOVA);
    if (reserved) {
      request.fault(0x0b);
    } else {
      request.at(page);
    }
  }

  @Test
  void thePointerToTablesIsIgnoredWhenRequestsPassThrough() {
    TestMachine machine = machine();
    TestDevice device = machine.device("00:03.0").passThrough(1);
    device.changeContext(entry -> entry.field(63, 12, -1L >>> 12));
    Expect.of(machine, device, Request.READ, IOVA).at(IOVA);
  }

  /// Level of the entry, level of the leaf, bit.
  static Stream<Arguments> reservedInAPagingEntry() {
    IntStream beyondHost = bits(51, HAW);
    int[] always = all(beyondHost, bits(62, 62)).toArray();
    return Stream.of(
            entry(5, 1, all(IntStream.of(always), IntStream.of(7, 11))),
            entry(4, 1, all(IntStream.of(always), IntStream.of(7, 11))),
            entry(3, 1, all(IntStream.of(always), IntStream.of(11))),
            entry(2, 1, all(IntStream.of(always), IntStream.of(11))),
            entry(3, 3, all(IntStream.of(always), bits(29, 12))),
            entry(2, 2, all(IntStream.of(always), bits(20, 12))),
            entry(1, 1, IntStream.of(always)))
        .flatMap(part -> part);
  }

  static Stream<Arguments> ignoredInAPagingEntry() {
    int[] everywhere = all(bits(6, 2), bits(10, 8), bits(61, 52), bits(63, 63)).toArray();
    return Stream.of(
            entry(5, 1, IntStream.of(everywhere)),
            entry(4, 1, IntStream.of(everywhere)),
            entry(3, 1, IntStream.of(everywhere)),
            entry(2, 1, IntStream.of(everywhere)),
            entry(3, 3, all(IntStream.of(everywhere), IntStream.of(11))),
            entry(2, 2, all(IntStream.of(everywhere), IntStream.of(11))),
            entry(1, 1, all(IntStream.of(everywhere), IntStream.of(7, 11))))
        .flatMap(part -> part);
  }

  private static Stream<Arguments> entry(int level, int leaf, IntStream bits) {
    return bits.mapToObj(bit -> Arguments.of(level, leaf, bit));
  }

  /// A page mapped at `leaf` in 5-level tables, with one bit more in its entry at `level`.
  private static Expect withBit(TestMachine machine, int level, int leaf, int bit) {
    Domain domain = machine.domain(1, 5).map(IOVA, 0x40_0000_0000L, Paging.RW, leaf);
    domain.entry(IOVA, level, domain.entry(IOVA, level) | 1L << bit);
    TestDevice device = machine.device("00:03.0").attach(domain);
    return Expect.of(machine, device, Request.WRITE, IOVA);
  }

  private static long target(int leaf) {
    return 0x40_0000_0000L | IOVA & Paging.span(leaf) - 1;
  }

  @ParameterizedTest(name = "level {0} of a page at level {1}, bit {2}")
  @MethodSource("reservedInAPagingEntry")
  @Covers("fault 0Ch")
  void aReservedBitOfAPagingEntryIsAFault(int level, int leaf, int bit) {
    withBit(machine(), level, leaf, bit).fault(0x0c);
  }

  @ParameterizedTest(name = "level {0} of a page at level {1}, bit {2}")
  @MethodSource("ignoredInAPagingEntry")
  void anIgnoredBitOfAPagingEntryIsIgnored(int level, int leaf, int bit) {
    withBit(machine(), level, leaf, bit).at(target(leaf));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  @Covers({"fault 0Ch", "register ECAP.SC"})
  void theSnoopBitOfALeafIsReservedWithoutSnoopControl(int leaf) {
    TestMachine machine = machine(builder -> builder.without(Feature.SNOOP_CONTROL));
    withBit(machine, leaf, leaf, 11).fault(0x0c);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  @Covers({"fault 0Ch", "register CAP.SSLPS"})
  void thePageSizeBitIsReservedWhereTheUnitHasNoSuchPages(int leaf) {
    Set<LargePage> pages = leaf == 2 ? Set.of() : Set.of(LargePage.MIB_2);
    withBit(machine(builder -> builder.largePages(pages)), leaf, leaf, 7).fault(0x0c);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void bit62CanBeTakenForTheOldHintItWas(int level) {
    TestMachine machine = machine(builder -> builder.bit62(Bit62.IGNORED));
    withBit(machine, level, 1, 62).at(target(1));
  }

  @Test
  void bitsOfAnAddressUpToTheHostsWidthAreAddress() {
    TestMachine machine = machine();
    TestDevice device = machine.device("00:03.0").map(IOVA, (1L << HAW) - 4096);
    Expect.of(machine, device, Request.READ, IOVA + 5).at((1L << HAW) - 4091);
  }
}
