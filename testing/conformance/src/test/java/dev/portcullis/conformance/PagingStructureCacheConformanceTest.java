package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.Outcome;
import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.queue.Descriptor.Hint;
import dev.portcullis.kit.queue.Invalidator;
import dev.portcullis.kit.table.Domain;
import dev.portcullis.kit.table.Paging;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.request.Request;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Entries above the leaf stay in use until the right request drops them, and no other does.
class PagingStructureCacheConformanceTest {
  private static final int ONE = 1;
  private static final long X = 0x12_3456_7000L;
  private static final long OLD = 0x1_0000_0000L;
  private static final long NEW = 0x2_0000_0000L;

  /// A page beside X: the same tables, another entry at level 1.
  private static final long BESIDE = X + 0x1000;

  private static final class Stale {
    private final TestMachine machine;
    private final TestDevice device;

    /// X was used; then the entry at `level` on its way was led to other tables.
    Stale(TestMachine machine, int level) {
      this.machine = machine;
      Domain domain = machine.domain(ONE, 4).map(X, OLD).map(BESIDE, OLD + 0x1000);
      device = machine.device("00:03.0").attach(domain);
      assertThat(device.read(X)).isEqualTo(Outcome.at(OLD));
      long old = domain.entry(X, level);
      domain.entry(X, level, 0);
      domain.map(X, NEW).map(BESIDE, NEW + 0x1000);
      assertThat(domain.entry(X, level)).isNotEqualTo(old);
    }

    /// Whether a page never used before is found by the old tables.
    boolean isOldUsed() {
      Outcome outcome = device.read(BESIDE);
      if (!outcome.equals(Outcome.at(OLD + 0x1000))) {
        assertThat(outcome).isEqualTo(Outcome.at(NEW + 0x1000));
        return false;
      }
      return true;
    }
  }

  /// A request and whether it drops the entries above X.
  record Case(String name, Consumer<Invalidator> request, boolean drops) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case pages(String name, int did, long iova, int mask, boolean drops) {
    return new Case(name, with -> with.iotlbPages(did, iova, mask, Hint.ANY_ENTRY), drops);
  }

  static Stream<Arguments> cases() {
    return Stream.of(
            new Case("all", Invalidator::iotlbGlobal, true),
            new Case("domain 1", with -> with.iotlbDomain(ONE), true),
            new Case("another domain", with -> with.iotlbDomain(2), false),
            pages("the page", ONE, X, 0, true),
            pages("2 MiB around it", ONE, X, 9, true),
            pages("the page in another domain", 2, X, 0, false),
            pages("a page with other tables", ONE, X ^ 1L << 40, 0, false),
            new Case(
                "the page, leaf only", with -> with.iotlbPages(ONE, X, 0, Hint.LEAF_ONLY), false),
            new Case("all context entries", Invalidator::contextGlobal, false))
        .flatMap(one -> IntStream.rangeClosed(2, 4).mapToObj(level -> Arguments.of(level, one)));
  }

  @ParameterizedTest(name = "level {0}: {1}")
  @MethodSource("cases")
  @Covers("descriptor 2h")
  void aDescriptorDropsTheEntriesItNames(int level, Case one) {
    check(Way.QUEUE, level, one);
  }

  @ParameterizedTest(name = "level {0}: {1}")
  @MethodSource("cases")
  @Covers("register IVA.IH")
  void aRegisterRequestDropsTheEntriesItNames(int level, Case one) {
    check(Way.REGISTERS, level, one);
  }

  private static void check(Way way, int level, Case one) {
    Stale stale = new Stale(way.machine(), level);
    one.request.accept(stale.machine.invalidate());
    assertThat(stale.isOldUsed()).isEqualTo(!one.drops);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void anEntryThatWasNotPresentIsFoundAsSoonAsItIs(int level) {
    TestMachine machine = Way.QUEUE.machine();
    Domain domain = machine.domain(ONE, 4).map(X, OLD);
    long entry = domain.entry(X, level);
    domain.entry(X, level, 0);
    TestDevice device = machine.device("00:03.0").attach(domain);
    Expect.of(machine, device, Request.READ, X).fault(0x06);
    domain.entry(X, level, entry);
    Expect.of(machine, device, Request.READ, X).at(OLD);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void rightsAboveTheLeafAreCachedWithTheTables(int level) {
    TestMachine machine = Way.QUEUE.machine();
    Domain domain = machine.domain(ONE, 4).map(X, OLD).map(BESIDE, OLD + 0x1000);
    domain.entry(X, level, domain.entry(X, level) & ~Paging.W);
    TestDevice device = machine.device("00:03.0").attach(domain);
    Expect.of(machine, device, Request.READ, X).at(OLD);
    Expect.of(machine, device, Request.WRITE, BESIDE).fault(0x05);
    Expect.of(machine, device, Request.READ, BESIDE).at(OLD + 0x1000);
  }

  @Test
  void devicesOfOneDomainShareWhatIsCachedAndDevicesOfAnotherDoNot() {
    TestMachine machine = Way.QUEUE.machine();
    Domain one = machine.domain(ONE, 4).map(X, OLD).map(BESIDE, OLD + 0x1000);
    Domain two = machine.domain(2, 4).map(X, NEW).map(BESIDE, NEW + 0x1000);
    TestDevice first = machine.device("00:03.0").attach(one);
    TestDevice second = machine.device("00:04.0").attach(two);
    Expect.of(machine, first, Request.READ, X).at(OLD);
    Expect.of(machine, second, Request.READ, BESIDE).at(NEW + 0x1000);
    Expect.of(machine, first, Request.READ, BESIDE).at(OLD + 0x1000);
    Expect.of(machine, second, Request.READ, X).at(NEW);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  @Covers("register CAP.ESRTPS")
  void aRootPointerTakenTheEnhancedWayDropsEverything(int level) {
    Stale stale =
        new Stale(
            TestMachine.withUnit(builder -> builder.with(Feature.ENHANCED_SET_ROOT_TABLE_POINTER))
                .translating(),
            level);
    stale.machine.registers().setRootTable(stale.machine.rootTable());
    assertThat(stale.isOldUsed()).isFalse();
  }
}
