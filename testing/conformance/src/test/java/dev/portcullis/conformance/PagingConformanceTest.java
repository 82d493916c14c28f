package dev.portcullis.conformance;

import static dev.portcullis.conformance.Scenario.IOVA;
import static dev.portcullis.unit.request.Request.ATOMIC;
import static dev.portcullis.unit.request.Request.READ;
import static dev.portcullis.unit.request.Request.WRITE;
import static dev.portcullis.unit.request.Request.ZERO_LENGTH_READ;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.table.Domain;
import dev.portcullis.kit.table.Paging;
import dev.portcullis.pci.Completion;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.policy.AddressWidth;
import dev.portcullis.unit.request.Request;
import java.util.EnumSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Second-stage tables of legacy mode: depths, page sizes, rights, widths.
class PagingConformanceTest {

  private static TestMachine machine() {
    return TestMachine.withUnit(builder ->
            builder.guestAddressBits(57).addressWidths(EnumSet.allOf(AddressWidth.class)))
        .translating();
  }

  static Stream<Arguments> depthsAndPages() {
    return IntStream.rangeClosed(3, 5)
        .boxed()
        .flatMap(
            levels -> IntStream.rangeClosed(1, 3).mapToObj(leaf -> Arguments.of(levels, leaf)));
  }

  /// The highest page of tables with `levels` levels.
  private static long lastPage(int levels, int leaf) {
    return (1L << 12 + 9 * levels) - Paging.span(leaf);
  }

  @ParameterizedTest(name = "{0} levels, page at level {1}")
  @MethodSource("depthsAndPages")
  @Covers({"register CAP.SAGAW", "register CAP.SSLPS"})
  void everyByteOfAPageOfEverySizeIsTranslatedAtEveryDepth(int levels, int leaf) {
    TestMachine machine = machine();
    long span = Paging.span(leaf);
    long hpa = 0x20_0000_0000L;
    long iova = lastPage(levels, leaf) - span;
    Domain domain = machine.domain(1, levels).map(iova, hpa, Paging.RW, leaf);
    TestDevice device = machine.device("00:03.0").attach(domain);
    for (long offset : new long[] {0, 1, span / 2 - 1, span / 2, span - 4096, span - 1}) {
      for (Request request : Request.values()) {
        Expect.of(machine, device, request, iova + offset).at(hpa + offset);
      }
    }
    Expect.of(machine, device, READ, iova - 1).fault(0x06);
    Expect.of(machine, device, READ, iova + span).fault(0x06);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5})
  @Covers({"fault 04h", "register CAP.SAGAW"})
  void theLastAddressOfTheTablesIsTranslatedAndTheNextIsRefused(int levels) {
    TestMachine machine = machine();
    long page = machine.page();
    long end = 1L << 12 + 9 * levels;
    Domain domain = machine.domain(1, levels).map(end - 4096, page);
    TestDevice device = machine.device("00:03.0").attach(domain);
    Expect.of(machine, device, READ, end - 1).at(page + 4095);
    Expect.of(machine, device, READ, end).fault(0x04);
  }

  @ParameterizedTest
  @ValueSource(ints = {46, 47, 48, 50, 57, 64})
  @Covers({"fault 04h", "register CAP.MGAW"})
  void theSmallerOfGuestWidthAndTableWidthIsTheLimit(int guestBits) {
    TestMachine machine =
        TestMachine.withUnit(builder -> builder.guestAddressBits(guestBits)).translating();
    long page = machine.page();
    long end = 1L << Math.min(guestBits, 48);
    TestDevice device = machine.device("00:03.0").map(end - 4096, page);
    Expect.of(machine, device, WRITE, end - 8).at(page + 4088);
    Expect.of(machine, device, WRITE, end).fault(0x04);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  @Covers({"fault 05h", "fault 06h"})
  void aRightMustBeGrantedAtEveryLevel(int level) {
    TestMachine machine = machine();
    long page = machine.page();
    Domain domain = machine.domain(1, 5).map(IOVA, page);
    long entry = domain.entry(IOVA, level);
    TestDevice device = machine.device("00:03.0").attach(domain);

    domain.entry(IOVA, level, entry & ~Paging.W);
    Expect.of(machine, device, WRITE, IOVA).fault(0x05);
    Expect.of(machine, device, ATOMIC, IOVA).fault(0x05);
    Expect.of(machine, device, READ, IOVA).at(page);
    Expect.of(machine, device, ZERO_LENGTH_READ, IOVA).at(page);

    machine.invalidate().everything();
    domain.entry(IOVA, level, entry & ~Paging.R);
    Expect.of(machine, device, READ, IOVA).fault(0x06);
    Expect.of(machine, device, ATOMIC, IOVA).fault(0x06);
    Expect.of(machine, device, WRITE, IOVA).at(page);
    Expect.of(machine, device, ZERO_LENGTH_READ, IOVA).at(page);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  @Covers({"fault 05h", "fault 06h"})
  void anEntryWithoutRightsEndsTheWalk(int level) {
    TestMachine machine = machine();
    Domain domain = machine.domain(1, 5).map(IOVA, machine.page());
    domain.entry(IOVA, level, GuestMemory.HOLE);
    TestDevice device = machine.device("00:03.0").attach(domain);
    Expect.of(machine, device, READ, IOVA).fault(0x06);
    Expect.of(machine, device, ZERO_LENGTH_READ, IOVA).fault(0x06);
    Expect.of(machine, device, WRITE, IOVA).fault(0x05);
    Expect.of(machine, device, ATOMIC, IOVA).fault(0x05);
  }

  @ParameterizedTest
  @EnumSource(Request.class)
  void rightsThatNoTwoLevelsShareAreNone(Request request) {
    TestMachine machine = machine();
    Domain domain = machine.domain(1, 5).map(IOVA, machine.page(), Paging.W);
    domain.entry(IOVA, 3, domain.entry(IOVA, 3) & ~Paging.W);
    TestDevice device = machine.device("00:03.0").attach(domain);
    boolean writes = request == WRITE || request == ATOMIC;
    Expect.of(machine, device, request, IOVA).fault(writes ? 0x05 : 0x06);
  }

  @Test
  @Covers("register CAP.ZLR")
  void aZeroLengthReadOfAWriteOnlyPageSucceedsWhereTheUnitSaysSo() {
    TestMachine machine = machine();
    long page = machine.page();
    TestDevice device = machine.device("00:03.0").map(IOVA, page, Paging.W);
    Expect.of(machine, device, ZERO_LENGTH_READ, IOVA + 4).at(page + 4);
    Expect.of(machine, device, READ, IOVA + 4).fault(0x06);
  }

  @Test
  @Covers({"register CAP.ZLR", "fault 06h"})
  void aZeroLengthReadIsAnOrdinaryReadWhereTheUnitDoesNotSaySo() {
    TestMachine machine =
        TestMachine.withUnit(builder -> builder.without(Feature.ZERO_LENGTH_READ)).translating();
    long page = machine.page();
    TestDevice device = machine.device("00:03.0").map(IOVA, page, Paging.W);
    Expect.of(machine, device, WRITE, IOVA).at(page);
    Expect.of(machine, device, ZERO_LENGTH_READ, IOVA).fault(0x06);
  }

  @Test
  void cyclicTablesAreWalkedNoDeeperThanTheirLevels() {
    TestMachine machine = machine();
    Domain domain = machine.domain(1, 5);
    domain.entry(0, 5, domain.root() | Paging.RW);
    TestDevice device = machine.device("00:03.0").attach(domain);
    // The table is its own child; at level 1 it is taken for a page.
    Expect.of(machine, device, READ, 0x123).at(domain.root() | 0x123);
  }

  @Test
  void tablesMayLieAboveFourGibibytes() {
    TestMachine machine = machine();
    long table = GuestMemory.HIGH_BASE;
    long page = machine.page();
    TestDevice device = machine.device("00:03.0").map(IOVA, page);
    machine.memory().writeLong(table + 8L * Paging.index(IOVA, 1), page | Paging.RW);
    device.domain().entry(IOVA, 2, table | Paging.RW);
    Expect.of(machine, device, READ, IOVA).at(page);
  }

  @Test
  void twoDevicesOfOneDomainReachTheSamePages() {
    TestMachine machine = machine();
    long page = machine.page();
    TestDevice one = machine.device("00:03.0").map(IOVA, page);
    TestDevice other = machine.device("17:1f.7").attach(one.domain());
    Expect.of(machine, one, READ, IOVA).at(page);
    Expect.of(machine, other, READ, IOVA).at(page);
  }

  @Test
  void eachDomainHasItsOwnPages() {
    TestMachine machine = machine();
    long first = machine.page();
    long second = machine.page();
    TestDevice one = machine.device("00:03.0").map(IOVA, first);
    TestDevice other = machine.device("00:03.1").map(IOVA, second);
    Expect.of(machine, one, READ, IOVA).at(first);
    Expect.of(machine, other, READ, IOVA).at(second);
  }

  @ParameterizedTest
  @ValueSource(strings = {"00:00.0", "00:1f.7", "7f:10.3", "ff:1f.7"})
  void everyRequesterIdHasItsOwnContextEntry(String address) {
    TestMachine machine = machine();
    long page = machine.page();
    TestDevice device = machine.device(address).map(IOVA, page);
    Expect.of(machine, device, READ, IOVA).at(page);
    assertThat(device.contextAddress() & 0xfff).isEqualTo(16L * (device.sourceId() & 0xff));
  }

  @Test
  void bytesReallyMoveThroughTheTables() {
    TestMachine machine = machine();
    TestDevice device = machine.device("00:03.0").map(IOVA, GuestMemory.FAR_BASE);
    assertThat(device.writeLong(IOVA + 16, 0x1122_3344_5566_7788L)).isEqualTo(Completion.SUCCESS);
    assertThat(machine.memory().readLong(GuestMemory.FAR_BASE + 16))
        .isEqualTo(0x1122_3344_5566_7788L);
    assertThat(device.readLong(IOVA + 16)).hasValue(0x1122_3344_5566_7788L);
  }

  @Test
  void aRefusedWriteChangesNoMemory() {
    TestMachine machine = machine();
    long page = machine.page();
    TestDevice device = machine.device("00:03.0").map(IOVA, page, Paging.R);
    assertThat(device.writeLong(IOVA, 1)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(machine.memory().readLong(page)).isZero();
    assertThat(device.readLong(IOVA)).hasValue(0);
  }
}
