package dev.portcullis.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.driver.table.Rights;
import dev.portcullis.kit.driver.DrivenPlatform.Reach;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.unit.UnitConfiguration.Preset;
import dev.portcullis.vmm.assign.Assignments;
import dev.portcullis.vmm.fault.FaultDesk;
import dev.portcullis.vmm.fault.FaultEvent;
import dev.portcullis.vmm.fault.Tempo;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.partition.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Two functions behind one bridge, whose requests the unit cannot tell apart.
class InseparableFunctionsTest {
  private static final long GPA = 0x10_0000;
  private static final String BRIDGE = "00:1e.0";

  private final TestFunction one =
      new TestFunction("00:05.0").sending(BRIDGE).with(RequesterId.parse("00:06.0"));
  private final TestFunction two =
      new TestFunction("00:06.0").sending(BRIDGE).with(RequesterId.parse("00:05.0"));
  private TestHost host;
  private Assignments assignments;
  private Partition user;
  private Partition services;

  @BeforeEach
  void start() throws Exception {
    host = new TestHost(Preset.SCALABLE);
    assignments = host.lvmm.assignments();
    user = host.lvmm.create("user", 1 << 20);
    services = host.lvmm.create("services", 1 << 20);
    user.map(new PageRange(GPA, 0x1000), user.window().first(), Rights.READ_WRITE);
    assignments.assign(one, user);
  }

  private Reach write() {
    return host.write(one, GPA, user.window().first());
  }

  @Test
  void theyAreNotGivenToTwoPartitions() throws Exception {
    String refusal =
        "function 00:06.0 cannot be kept apart from function 00:05.0, which belongs to partition"
            + " user: release that first";
    assertThatThrownBy(() -> assignments.assign(two, services)).hasMessage(refusal);
    assignments.assign(two, user);
    int resets = two.resets();
    assertThatThrownBy(() -> assignments.reassign(two.at(), services)).hasMessage(refusal);
    assertThat(two.resets()).as("nothing has happened to it").isEqualTo(resets);
    assignments.release(one.at());
    assignments.reassign(two.at(), services);
    assertThat(write()).as("it reaches its new partition only").isEqualTo(Reach.BLOCKED);
    assertThat(host.lvmm.breaches()).isEmpty();
  }

  @Test
  void theOtherGoesOnWhenOneIsReleased_andPagesGoBackWithTheLast() throws Exception {
    assignments.release(one.at());
    int before = host.platform.pagesTaken();
    assignments.assign(one, user);
    assignments.assign(two, user);
    assignments.release(one.at());
    assertThat(write()).isEqualTo(Reach.THERE);
    assignments.release(two.at());
    assertThat(write()).isEqualTo(Reach.BLOCKED);
    assertThat(host.platform.pagesTaken()).isEqualTo(before);
  }

  @Test
  void theyAreStoppedAndResumedTogether() throws Exception {
    assignments.assign(two, user);
    int resets = two.resets();
    assignments.quarantine(RequesterId.parse(BRIDGE), "user");
    assertThat(assignments.isQuarantined(one.at())).isTrue();
    assertThat(assignments.isQuarantined(two.at())).isTrue();
    assertThat(two.resets()).isGreaterThan(resets);
    assertThat(write()).isEqualTo(Reach.BLOCKED);
    assignments.resume(two.at());
    assertThat(assignments.isQuarantined(one.at())).isFalse();
    assertThat(write()).isEqualTo(Reach.THERE);
  }

  @Test
  void noneJoinsOneThatHasBeenStopped() throws Exception {
    assignments.quarantine(one.at(), "user");
    assertThatThrownBy(() -> assignments.assign(two, user))
        .hasMessage(
            "function 00:06.0 cannot be told from function 00:05.0, which has been stopped: release"
                + " that first");
    assignments.release(one.at());
    assignments.assign(two, user);
    assertThat(host.write(two, GPA, user.window().first())).isEqualTo(Reach.THERE);
  }

  @Test
  void aFaultIsTheirPartitions() throws Exception {
    List<FaultEvent> told = new ArrayList<>();
    FaultDesk desk =
        new FaultDesk(host.driver, assignments, Tempo.DEFAULT, System::nanoTime, told::add);
    host.write(one, GPA + 0x1000, 0);
    desk.read();
    assertThat(told)
        .singleElement()
        .isInstanceOfSatisfying(
            FaultEvent.Refused.class,
            fault -> {
              assertThat(fault.function()).isEqualTo(RequesterId.parse(BRIDGE));
              assertThat(fault.partition()).isEqualTo(Optional.of("user"));
            });
  }
}
