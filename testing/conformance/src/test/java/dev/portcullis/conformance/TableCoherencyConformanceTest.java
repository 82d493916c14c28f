package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.interrupt.Destinations;
import dev.portcullis.kit.interrupt.InterruptRequest;
import dev.portcullis.kit.interrupt.Irte;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.table.Domain;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.UnitConfiguration.Preset;
import dev.portcullis.unit.UnitConfigurationBuilder;
import dev.portcullis.unit.policy.TableReads;
import dev.portcullis.unit.request.Request;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A unit that does not look into the processor's caches may see a table as it was, invalidated or
/// not, until software flushes what it has written.
class TableCoherencyConformanceTest {
  private static final long IOVA = 0x4000_2000L;
  private static final long READ_WRITE = 3;
  private static final int WORD = 8;

  private static TestMachine legacy(UnaryOperator<UnitConfigurationBuilder> choices) {
    return TestMachine.withUnit(choices).translating();
  }

  private static UnitConfigurationBuilder stale(UnitConfigurationBuilder builder) {
    return builder.tableReads(TableReads.UNTIL_FLUSHED);
  }

  private static UnitConfigurationBuilder notCoherent(UnitConfigurationBuilder builder) {
    return stale(builder).without(Feature.COHERENT_TABLES);
  }

  /// A legacy-mode machine whose device has used one page and is meant to use another now.
  private static final class Remapped {
    final TestMachine machine;
    final TestDevice device;
    final long before;
    final long after;

    Remapped(UnaryOperator<UnitConfigurationBuilder> choices) {
      machine = legacy(choices);
      before = machine.page();
      after = machine.page();
      device = machine.device("00:03.0").map(IOVA, before);
      Expect.of(machine, device, Request.READ, IOVA).at(before);
      device.domain().entry(IOVA, 1, after | READ_WRITE);
    }

    void goesTo(long hpa) {
      machine.invalidate().everything();
      Expect.of(machine, device, Request.READ, IOVA).at(hpa);
    }
  }

  @Test
  @Covers("register ECAP.C")
  void aPagingEntryThatWasNotFlushedMayBeMissed() {
    Remapped remapped = new Remapped(TableCoherencyConformanceTest::notCoherent);

    remapped.goesTo(remapped.before);

    remapped.machine.unit().flushed(remapped.device.domain().address(IOVA, 1), WORD);
    Expect.of(remapped.machine, remapped.device, Request.READ, IOVA).at(remapped.before);
    remapped.goesTo(remapped.after);
  }

  @Test
  void flushingAnotherLineIsNotEnough() {
    Remapped remapped = new Remapped(TableCoherencyConformanceTest::notCoherent);
    long entry = remapped.device.domain().address(IOVA, 1);

    remapped.machine.unit().flushed((entry & -64) - 64, 64);
    remapped.machine.unit().flushed((entry & -64) + 64, 4096);
    remapped.machine.unit().flushed(entry, 0);
    remapped.goesTo(remapped.before);

    remapped.machine.unit().flushed(entry | 63, 1);
    remapped.goesTo(remapped.after);
  }

  @Test
  @Covers("register ECAP.C")
  void aCoherentUnitSeesWhatIsWritten() {
    Remapped remapped = new Remapped(TableCoherencyConformanceTest::stale);

    remapped.goesTo(remapped.after);
  }

  @Test
  void aUnitThatIsNotToldToMissThingsSeesThemWithoutCoherency() {
    Remapped remapped = new Remapped(builder -> builder.without(Feature.COHERENT_TABLES));

    remapped.goesTo(remapped.after);
    remapped.machine.unit().flushed(remapped.device.domain().address(IOVA, 1), WORD);
    remapped.goesTo(remapped.after);
  }

  @Test
  void resetForgetsWhatWasRead() {
    Remapped remapped = new Remapped(TableCoherencyConformanceTest::notCoherent);

    remapped.machine.unit().reset();
    remapped.machine.translating();

    Expect.of(remapped.machine, remapped.device, Request.READ, IOVA).at(remapped.after);
  }

  @Test
  @Covers("register ECAP.C")
  void aContextEntryThatWasNotFlushedMayBeMissed() {
    TestMachine machine = legacy(TableCoherencyConformanceTest::notCoherent);
    TestDevice device = machine.device("00:03.0").map(IOVA, machine.page());
    assertThat(device.read(IOVA).completion().isSuccess()).isTrue();
    long page = machine.page();
    Domain other = machine.domain().map(IOVA, page);
    device.attach(other);

    machine.invalidate().everything();
    assertThat(device.read(IOVA).completion().isSuccess()).isTrue();
    assertThat(device.read(IOVA).hpa()).isNotEqualTo(page);

    machine.unit().flushed(device.contextAddress(), 16);
    machine.invalidate().everything();
    Expect.of(machine, device, Request.READ, IOVA).at(page);
  }

  private static UnitConfigurationBuilder scalable(boolean snoops) {
    UnitConfigurationBuilder builder = stale(Preset.SCALABLE.builder());
    return snoops
        ? builder
        : builder.without(
            Feature.SCALABLE_WALK_COHERENCY,
            Feature.SECOND_STAGE_ACCESSED_DIRTY,
            Feature.EXTENDED_ACCESSED_FLAG);
  }

  @ParameterizedTest
  @CsvSource({
    "true, true, true",
    "true, false, false",
    "false, true, false",
    "false, false, false"
  })
  @Covers("register ECAP.SMPWCS")
  void walksBelowAPasidEntryAreSnoopedIfUnitAndEntrySay(
      boolean unitSnoops, boolean entrySays, boolean seen) {
    TestMachine machine = TestMachine.withUnit(none -> scalable(unitSnoops));
    TestDevice device = machine.device("00:03.0");
    long before = machine.page();
    long after = machine.page();
    Domain domain = machine.domain().map(IOVA, before);
    long table = machine.page();
    Scalable.pasid(machine, table, domain, entrySays ? Scalable.PWSNP : 0);
    Scalable.context(machine, device, table);
    Scalable.translate(machine);
    Expect.of(machine, device, Request.READ, IOVA).at(before);

    domain.entry(IOVA, 1, after | READ_WRITE);
    machine.queue().complete(Descriptor.iotlbGlobal());
    Expect.of(machine, device, Request.READ, IOVA).at(seen ? after : before);

    machine.unit().flushed(domain.address(IOVA, 1), WORD);
    machine.queue().complete(Descriptor.iotlbGlobal());
    Expect.of(machine, device, Request.READ, IOVA).at(after);
  }

  private static void sendsTo(int destination, Remapping remapping) {
    remapping.sends(InterruptRequest.of(9), 0xfee0_0000L | (long) destination << 12, 0x4042);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Covers("register ECAP.C")
  void anInterruptEntryThatWasNotFlushedMayBeMissed(boolean coherent) {
    Remapping remapping =
        Remapping.with(
            Destinations.BITS_8, builder -> coherent ? stale(builder) : notCoherent(builder));
    remapping.table.set(9, Irte.remapped(0x42, 0x0200));
    sendsTo(0x02, remapping);
    remapping.table.set(9, Irte.remapped(0x42, 0x0300));
    remapping.machine.queue().complete(Descriptor.interruptsGlobal());
    sendsTo(coherent ? 0x03 : 0x02, remapping);

    remapping.machine.unit().flushed(remapping.table.base() + 9 * 16, 16);
    remapping.machine.queue().complete(Descriptor.interruptsGlobal());
    sendsTo(0x03, remapping);
  }
}
