package dev.portcullis.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.driver.table.Rights;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.unit.UnitConfiguration.Preset;
import dev.portcullis.vmm.fault.FaultDesk;
import dev.portcullis.vmm.fault.FaultEvent;
import dev.portcullis.vmm.fault.FaultEvent.Lost;
import dev.portcullis.vmm.fault.FaultEvent.Refused;
import dev.portcullis.vmm.fault.FaultEvent.Withheld;
import dev.portcullis.vmm.fault.Tempo;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.partition.Partition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultDeskTest {
  private static final long GPA = 0x10_0000;
  private static final int BURST = 4;

  private final List<FaultEvent> told = new ArrayList<>();
  private final TestFunction rogue = new TestFunction("00:06.0");
  private final TestFunction stranger = new TestFunction("00:07.0");
  private long now;
  private TestHost host;
  private FaultDesk desk;
  private Partition user;
  private Partition services;

  @BeforeEach
  void start() throws Exception {
    host = new TestHost(Preset.SCALABLE);
    desk =
        new FaultDesk(
            host.driver, host.lvmm.assignments(), new Tempo(BURST, 2), () -> now, told::add);
    user = host.lvmm.create("user", 1 << 20);
    services = host.lvmm.create("services", 1 << 20);
    user.map(new PageRange(GPA, 0x1000), user.window().first(), Rights.READ);
    host.lvmm.assignments().assign(rogue, user);
  }

  private void writeAstray(TestFunction function, int times) {
    for (int i = 0; i < times; i++) {
      host.write(function, GPA + 0x1000L * (1 + i % 16), 0);
    }
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private List<FaultEvent> read() throws VmmException {
    told.clear();
    desk.read();
    return List.copyOf(told);
  }

  private long withheld() {
    return told.stream().mapToLong(one -> one instanceof Withheld more ? more.count() : 0).sum();
  }

  @Test
  void aRefusedRequestIsToldWithWhoseItWas() throws Exception {
    host.write(rogue, GPA + 0x5008, 0);
    assertThat(read())
        .singleElement()
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.function()).isEqualTo(rogue.at());
              assertThat(refused.partition()).contains("user");
              assertThat(refused.record().address()).isEqualTo(GPA + 0x5000);
              assertThat(refused.record().reasonCode()).isEqualTo(0x79);
            })
        .hasToString("function 00:06.0 of partition user: " + ((Refused) told.getFirst()).record());
    assertThat(read()).as("told once").isEmpty();
  }

  @Test
  void aFunctionOfNobodyIsToldOf_too() throws Exception {
    host.write(stranger, GPA, 0);
    assertThat(read())
        .singleElement()
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.partition()).isEmpty());
  }

  @Test
  void whatAFunctionDidBeforeItChangedHandsStaysItsOldPartitions() throws Exception {
    writeAstray(rogue, 1);
    host.lvmm.assignments().reassign(rogue.at(), services);
    assertThat(told)
        .singleElement()
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.partition()).contains("user"));
    writeAstray(rogue, 1);
    assertThat(read())
        .singleElement()
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.partition()).contains("services"));
  }

  @Test
  void aStormIsToldAtItsTempo_andTheRestIsCounted() throws Exception {
    long refused = 0;
    long more = 0;
    for (int second = 0; second < 100; second++) {
      writeAstray(rogue, 3);
      pass(Duration.ofSeconds(1));
      refused += read().stream().filter(Refused.class::isInstance).count();
      more += withheld();
    }
    assertThat(refused).isBetween(100L, BURST + 200L);
    pass(Duration.ofSeconds(10));
    read();
    assertThat(refused + more + withheld()).as("none is lost").isEqualTo(300);
    assertThat(read()).isEmpty();
  }

  @Test
  void aStormOfOneHidesNothingOfAnother() throws Exception {
    host.lvmm.assignments().assign(stranger, services);
    for (int i = 0; i < 50; i++) {
      writeAstray(rogue, 2);
      read();
    }
    writeAstray(stranger, 1);
    assertThat(read())
        .singleElement()
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.function()).isEqualTo(RequesterId.parse("00:07.0"));
              assertThat(refused.partition()).isEqualTo(Optional.of("services"));
            });
  }

  @Test
  void whatTheUnitHadNoRecordForIsToldAsLost() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      host.write(i % 2 == 0 ? rogue : stranger, GPA + 0x1000L * (1 + i), 0);
    }
    assertThat(read()).contains(new Lost());
    assertThat(read()).doesNotContain(new Lost());
  }
}
