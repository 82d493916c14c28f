package dev.portcullis.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.pci.RequesterId;
import dev.portcullis.unit.UnitConfiguration.Preset;
import dev.portcullis.vmm.event.Event;
import dev.portcullis.vmm.event.EventBus;
import dev.portcullis.vmm.event.EventRing;
import dev.portcullis.vmm.event.EventSource;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.fault.ActionFailedException;
import dev.portcullis.vmm.fault.Actions;
import dev.portcullis.vmm.fault.DeviceStop;
import dev.portcullis.vmm.fault.FaultAction;
import dev.portcullis.vmm.fault.FaultDesk;
import dev.portcullis.vmm.fault.FaultMatch;
import dev.portcullis.vmm.fault.FaultNews;
import dev.portcullis.vmm.fault.FaultResponder;
import dev.portcullis.vmm.fault.FaultRule;
import dev.portcullis.vmm.fault.Tempo;
import dev.portcullis.vmm.partition.Partition;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// From the unit's records through desk and rules to events and actions.
@Timeout(300)
class FaultStormTest {
  private static final long GPA = 0x10_0000;
  private static final int STORM = 1_000_000;
  private static final int PER_READ = 500;

  private final TestFunction rogue = new TestFunction("00:06.0");
  private final TestFunction other = new TestFunction("00:07.0");
  private final AtomicLong now = new AtomicLong();
  private final EventRing ring = new EventRing(100_000);
  private final EventBus bus =
      new EventBus(
          new EventSource("/test", InstantSource.system()),
          new EventBus.Limits(100_000, Duration.ofMillis(1), Duration.ofMillis(1)));
  private TestHost host;
  private FaultDesk desk;

  /// Stops functions in earnest.
  private final class Stopping implements Actions {
    private final DeviceStop stop = new DeviceStop(host.lvmm.assignments());

    @Override
    public void message(String text) {}

    @Override
    public void stopDevice(RequesterId at, Optional<String> partition)
        throws ActionFailedException {
      stop.stop(at, partition);
    }

    @Override
    public void haltPartition(String partition) throws ActionFailedException {
      throw new ActionFailedException("nothing to halt");
    }

    @Override
    public void rebootPlatform() throws ActionFailedException {
      throw new ActionFailedException("nothing to reboot");
    }
  }

  @BeforeEach
  void start() throws Exception {
    host = new TestHost(Preset.SCALABLE);
    bus.add(ring);
    desk =
        new FaultDesk(
            host.driver, host.lvmm.assignments(), Tempo.DEFAULT, now::get, new FaultNews(bus));
    Partition user = host.lvmm.create("user", 1 << 20);
    Partition services = host.lvmm.create("services", 1 << 20);
    host.lvmm.assignments().assign(rogue, user);
    host.lvmm.assignments().assign(other, services);
  }

  @AfterEach
  void close() {
    bus.close();
  }

  private void astray(TestFunction function, int i) {
    host.write(function, GPA + 0x1000L * (i % 4096), 0);
  }

  private List<Event> told(EventType type, TestFunction function) {
    return ring.latest().stream()
        .filter(event -> event.type() == type)
        .filter(event -> event.subject().function().filter(function.at()::equals).isPresent())
        .toList();
  }

  @Test
  void aMillionFaultsOfOneCostLittle_andOneOfAnotherIsTold() throws Exception {
    for (int i = 0; i < STORM; i++) {
      astray(rogue, i);
      if (i % PER_READ == PER_READ - 1) {
        now.addAndGet(Duration.ofMillis(5).toNanos());
        desk.read();
      }
      if (i == STORM / 2) {
        desk.read();
        astray(other, 0);
        desk.read();
      }
    }
    bus.close(Duration.ofSeconds(60));
    double seconds = now.get() / 1e9;
    assertThat(told(EventType.FAULT_REFUSED, other))
        .singleElement()
        .satisfies(event ->
            assertThat(event.subject().path()).isEqualTo("partition/services/function/00:07.0"));
    int most = (int) (Tempo.DEFAULT.burst() + Tempo.DEFAULT.perSecond() * seconds + 1);
    assertThat(told(EventType.FAULT_REFUSED, rogue)).hasSizeBetween(2, most);
    assertThat(ring.latest()).as("losses of records, too").hasSizeLessThan(2 * most + 10);
    assertThat(ring.latest()).extracting(Event::type).contains(EventType.FAULT_LOST);
    assertThat(bus.status().getFirst().lost()).isZero();
  }

  @Test
  void aFunctionThatStormsIsStoppedByRule_andTheOtherWorksOn() throws Exception {
    FaultRule rule =
        FaultRule.of("storm", FaultMatch.ANY, FaultAction.STOP_DEVICE)
            .atRate(50, Duration.ofSeconds(1));
    try (FaultResponder responder =
        new FaultResponder(List.of(rule), new Stopping(), bus, now::get)) {
      desk.onEach(responder);
      // Withheld or not, every fault counts.
      for (int i = 0; i < 60; i++) {
        astray(rogue, i);
        desk.read();
      }
      while (told(EventType.RULE_ACTION, rogue).isEmpty()) {
        TimeUnit.MILLISECONDS.sleep(1);
      }
    }
    assertThat(told(EventType.RULE_ACTION, rogue))
        .singleElement()
        .satisfies(event -> assertThat(event.data()).containsEntry("outcome", "done"));
    assertThat(host.lvmm.assignments().isQuarantined(rogue.at())).isTrue();
    assertThat(host.lvmm.assignments().isQuarantined(other.at())).isFalse();
    assertThat(rogue.resets()).isEqualTo(2);
  }
}
