package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.Outcome;
import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.queue.Descriptor.Hint;
import dev.portcullis.kit.queue.Invalidator;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.table.Paging;
import dev.portcullis.unit.request.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Translations stay in use until the right request drops them, and no other does.
class IotlbConformanceTest {
  private static final int ONE = 1;
  private static final int TWO = 2;
  private static final long X = 0x4020_0000L;
  private static final long OLD = 0x1_0000_0000L;
  private static final long NEW = 0x2_0000_0000L;

  /// Cached pages, all of them remapped in memory: `a` and `b` are in domain 1, `c` in domain 2.
  private static final class Stale {
    private final TestMachine machine;
    private final TestDevice a;
    private final TestDevice b;
    private final TestDevice c;

    Stale(Way way) {
      machine = way.machine();
      a = machine.device("00:03.0").attach(machine.domain(ONE, 4));
      b = machine.device("05:00.0").attach(a.domain());
      c = machine.device("00:04.0").attach(machine.domain(TWO, 4));
      map(OLD);
      assertThat(stale()).hasSize(6);
      map(NEW);
    }

    private void map(long base) {
      for (long page : pages()) {
        a.domain().map(page, base + page);
        c.domain().map(page, base + page);
      }
    }

    private static long[] pages() {
      return new long[] {X, X + 0x1000, X + 0x2000, X + 0x20_0000};
    }

    /// The entries that still lead to the old pages.
    List<String> stale() {
      List<String> stale = new ArrayList<>();
      add(stale, "a0", a, X);
      add(stale, "a1", a, X + 0x1000);
      add(stale, "a2", a, X + 0x2000);
      add(stale, "a512", a, X + 0x20_0000);
      add(stale, "b0", b, X);
      add(stale, "c0", c, X);
      return stale;
    }

    private static void add(List<String> stale, String name, TestDevice device, long page) {
      Outcome outcome = device.write(page + 16);
      if (outcome.equals(Outcome.at(OLD + page + 16))) {
        stale.add(name);
      } else {
        assertThat(outcome).isEqualTo(Outcome.at(NEW + page + 16));
      }
    }
  }

  /// What a request keeps.
  record Case(String name, Consumer<Invalidator> request, String kept) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case pages(String name, int did, long iova, int addressMask, String kept) {
    return new Case(name, with -> with.iotlbPages(did, iova, addressMask, Hint.ANY_ENTRY), kept);
  }

  static Stream<Case> cases() {
    return Stream.of(
        new Case("all", Invalidator::iotlbGlobal, ""),
        new Case("domain 1", with -> with.iotlbDomain(ONE), "c0"),
        new Case("domain 2", with -> with.iotlbDomain(TWO), "a0 a1 a2 a512 b0"),
        new Case("a domain nobody is in", with -> with.iotlbDomain(9), "a0 a1 a2 a512 b0 c0"),
        pages("a page", ONE, X, 0, "a1 a2 a512 c0"),
        pages("the next page", ONE, X + 0x1000, 0, "a0 a2 a512 b0 c0"),
        pages("a page of domain 2", TWO, X, 0, "a0 a1 a2 a512 b0"),
        pages("a page nobody used", ONE, X + 0x5000, 0, "a0 a1 a2 a512 b0 c0"),
        pages("two pages", ONE, X, 1, "a2 a512 c0"),
        pages("two pages, named by the second", ONE, X + 0x1000, 1, "a2 a512 c0"),
        pages("four pages", ONE, X + 0x3000, 2, "a512 c0"),
        pages("2 MiB", ONE, X + 0x1f_f000, 9, "a512 c0"),
        pages("4 MiB", ONE, X, 10, "a512 c0"),
        pages("8 MiB", ONE, X, 11, "c0"),
        pages("1 GiB", ONE, X, 18, "c0"),
        new Case(
            "a page, leaf only",
            with -> with.iotlbPages(ONE, X, 0, Hint.LEAF_ONLY),
            "a1 a2 a512 c0"),
        new Case("all context entries", Invalidator::contextGlobal, "a0 a1 a2 a512 b0 c0"),
        new Case(
            "context entries of a domain", with -> with.contextDomain(ONE), "a0 a1 a2 a512 b0 c0"));
  }

  private static void check(Way way, Case one) {
    Stale entries = new Stale(way);
    assertThat(entries.stale()).hasSize(6);
    one.request.accept(entries.machine.invalidate());
    List<String> kept = one.kept.isEmpty() ? List.of() : List.of(one.kept.split(" "));
    assertThat(entries.stale()).isEqualTo(kept);
  }

  @ParameterizedTest
  @MethodSource("cases")
  @Covers({"descriptor 2h", "register CAP.PSI"})
  void aDescriptorDropsTheTranslationsItNames(Case one) {
    check(Way.QUEUE, one);
  }

  @ParameterizedTest
  @MethodSource("cases")
  @Covers({
    "register IOTLB.IIRG",
    "register IOTLB.DID",
    "register IVA.ADDR",
    "register IVA.AM",
    "register IVA.IH"
  })
  void aRegisterRequestDropsTheTranslationsItNames(Case one) {
    check(Way.REGISTERS, one);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void aPageInsideALargePageDropsTheWhole(int level) {
    TestMachine machine = Way.QUEUE.machine();
    long iova = 0x8000_0000L;
    TestDevice device =
        machine.device("00:03.0").attach(machine.domain(ONE, 4).map(iova, OLD, Paging.RW, level));
    long inside = Paging.span(level) - 0x3000;
    assertThat(device.read(iova)).isEqualTo(Outcome.at(OLD));
    assertThat(device.read(iova + inside)).isEqualTo(Outcome.at(OLD + inside));
    device.domain().map(iova, NEW, Paging.RW, level);
    assertThat(device.read(iova + inside)).isEqualTo(Outcome.at(OLD + inside));
    machine.invalidate().iotlbPages(ONE, iova + inside, 0, Hint.ANY_ENTRY);
    assertThat(device.read(iova + inside)).isEqualTo(Outcome.at(NEW + inside));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void theAddressMaskOfALargePageDropsEveryPartOfIt(int level) {
    TestMachine machine = Way.QUEUE.machine();
    long iova = 0x8000_0000L;
    TestDevice device =
        machine.device("00:03.0").attach(machine.domain(ONE, 4).map(iova, OLD, Paging.RW, level));
    long[] offsets = {0, 0x1000, Paging.span(level) / 2, Paging.span(level) - 0x1000};
    for (long offset : offsets) {
      assertThat(device.read(iova + offset)).isEqualTo(Outcome.at(OLD + offset));
    }
    device.domain().map(iova, NEW, Paging.RW, level);
    machine.invalidate().iotlbPages(ONE, iova, 9 * (level - 1), Hint.ANY_ENTRY);
    for (long offset : offsets) {
      assertThat(device.read(iova + offset)).isEqualTo(Outcome.at(NEW + offset));
    }
  }

  @ParameterizedTest
  @EnumSource(Request.class)
  void aRightTakenAwayIsGoneAfterTheInvalidation(Request request) {
    TestMachine machine = Way.QUEUE.machine();
    TestDevice device = machine.device("00:03.0").map(X, OLD);
    Expect.of(machine, device, request, X).at(OLD);
    device.domain().unmap(X);
    Expect.of(machine, device, request, X).at(OLD);
    machine.invalidate().iotlbPages(device.domain().id(), X, 0, Hint.LEAF_ONLY);
    boolean writes = request == Request.WRITE || request == Request.ATOMIC;
    Expect.of(machine, device, request, X).fault(writes ? 0x05 : 0x06);
  }

  @ParameterizedTest
  @EnumSource(Request.class)
  @Covers("register CAP.CM")
  void whatWasNotMappedIsFoundAsSoonAsItIs(Request request) {
    TestMachine machine = Way.QUEUE.machine();
    TestDevice device = machine.device("00:03.0").attach(machine.domain(ONE, 4));
    boolean writes = request == Request.WRITE || request == Request.ATOMIC;
    Expect.of(machine, device, request, X).fault(writes ? 0x05 : 0x06);
    device.map(X, OLD);
    Expect.of(machine, device, request, X).at(OLD);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void aBrokenPagingEntryIsNotCached(int level) {
    TestMachine machine = Way.QUEUE.machine();
    TestDevice device = machine.device("00:03.0").map(X, OLD);
    long entry = device.domain().entry(X, level);
    device.domain().entry(X, level, entry | Paging.BIT_62);
    Expect.of(machine, device, Request.READ, X).fault(0x0c);
    device.domain().entry(X, level, entry);
    Expect.of(machine, device, Request.READ, X).at(OLD);
  }

  @ParameterizedTest
  @EnumSource(Request.class)
  void aCachedPageWithoutTheRightIsAFaultEachTime(Request request) {
    TestMachine machine = Way.QUEUE.machine();
    long bits = request == Request.WRITE ? Paging.R : Paging.W;
    TestDevice device = machine.device("00:03.0").map(X, OLD, bits);
    Request allowed = request == Request.WRITE ? Request.READ : Request.WRITE;
    for (int i = 0; i < 3; i++) {
      Expect.of(machine, device, allowed, X).at(OLD);
      Expect refused = Expect.of(machine, device, request, X);
      switch (request) {
        case WRITE -> refused.fault(0x05);
        case READ, ATOMIC -> refused.fault(0x06);
        case ZERO_LENGTH_READ -> refused.at(OLD);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void moreTranslationsThanTheCacheHoldsAreAllRight(Way way) {
    TestMachine machine = way.machine();
    TestDevice device = machine.device("00:03.0");
    for (int round = 0; round < 3; round++) {
      for (long page = 0; page < 6000; page++) {
        long iova = X + (page << 12);
        if (round == 0) {
          device.map(iova, OLD + (page << 12));
        }
        assertThat(device.read(iova)).isEqualTo(Outcome.at(OLD + (page << 12)));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  @Covers("register GCMD.TE")
  void translationsOutliveTranslationBeingTurnedOff(Way way) {
    Stale entries = new Stale(way);
    entries.machine.registers().disable(Command.TE);
    entries.machine.registers().enable(Command.TE);
    assertThat(entries.stale()).hasSize(6);
    entries.machine.invalidate().iotlbGlobal();
    assertThat(entries.stale()).isEmpty();
  }
}
