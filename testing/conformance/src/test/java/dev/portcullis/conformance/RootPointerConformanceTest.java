package dev.portcullis.conformance;

import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.kit.table.Domain;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.UnitConfiguration.Preset;
import dev.portcullis.unit.UnitConfigurationBuilder;
import dev.portcullis.unit.request.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What taking a root table in scalable mode does to the caches, while translation is on.
class RootPointerConformanceTest {
  private static final long IOVA = 0x4000_2000L;

  /// How the unit takes a root table.
  enum Manner {
    OLD,
    ENHANCED
  }

  /// What may have changed under the caches.
  enum Changed {
    PAGE {
      @Override
      void in(RootPointerConformanceTest test) {
        test.domain.entry(IOVA, 1, test.after | 3);
      }
    },
    PAGING_TABLE {
      @Override
      void in(RootPointerConformanceTest test) {
        test.domain.entry(IOVA, 2, test.other.entry(IOVA, 2));
      }
    },
    PASID_ENTRY {
      @Override
      void in(RootPointerConformanceTest test) {
        Scalable.pasid(test.machine, test.table, test.other, Scalable.PWSNP);
      }
    },
    ROOT_TABLE {
      @Override
      void in(RootPointerConformanceTest test) {
        Scalable.context(test.machine, test.device, test.otherTable());
      }
    };

    abstract void in(RootPointerConformanceTest test);
  }

  private TestMachine machine;
  private TestDevice device;
  private Domain domain;
  private Domain other;
  private long table;
  private long before;
  private long after;

  private void start(Manner manner) {
    UnitConfigurationBuilder builder = Preset.SCALABLE.builder();
    UnitConfigurationBuilder chosen =
        manner == Manner.ENHANCED
            ? builder
            : builder.without(Feature.ENHANCED_SET_ROOT_TABLE_POINTER);
    machine = TestMachine.withUnit(none -> chosen);
    device = machine.device("00:03.0");
    before = machine.page();
    after = machine.page();
    domain = machine.domain().map(IOVA, before);
    other = machine.domain(domain.id(), domain.levels()).map(IOVA, after);
    table = machine.page();
    Scalable.pasid(machine, table, domain, Scalable.PWSNP);
    Scalable.context(machine, device, table);
    Scalable.translate(machine);
    goesTo(before);
  }

  private long otherTable() {
    long fresh = machine.page();
    Scalable.pasid(machine, fresh, other, Scalable.PWSNP);
    return fresh;
  }

  private void goesTo(long hpa) {
    Expect.of(machine, device, Request.READ, IOVA).at(hpa);
  }

  private Registers registers() {
    return machine.registers();
  }

  @ParameterizedTest
  @EnumSource
  @Covers({"register CAP.ESRTPS", "register GCMD.SRTP"})
  void takenTheOldWayItLeavesTheCachesAlone(Changed changed) {
    start(Manner.OLD);
    changed.in(this);
    registers().setRootTable(machine.rootTable() | Scalable.SCALABLE);
    goesTo(before);
    machine
        .queue()
        .complete(Descriptor.contextGlobal(), Descriptor.pasidsGlobal(), Descriptor.iotlbGlobal());
    goesTo(after);
  }

  @ParameterizedTest
  @EnumSource
  @Covers({"register CAP.ESRTPS", "register GCMD.SRTP"})
  void takenTheEnhancedWayItEmptiesEveryCache(Changed changed) {
    start(Manner.ENHANCED);
    changed.in(this);
    registers().setRootTable(machine.rootTable() | Scalable.SCALABLE);
    goesTo(after);
  }

  @Test
  @Covers({"register CAP.ESRTPS", "register RTADDR.TTM"})
  void takenTheEnhancedWayTheModeMayChangeWhileTranslating() {
    start(Manner.ENHANCED);
    registers().setRootTable(machine.rootTable() | Scalable.ABORT);
    Expect.of(machine, device, Request.READ, IOVA).fault(0x33);
    registers().setRootTable(machine.rootTable() | Scalable.SCALABLE);
    goesTo(before);
  }
}
