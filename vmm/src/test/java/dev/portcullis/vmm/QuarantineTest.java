package dev.portcullis.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.driver.fault.FaultRecord;
import dev.portcullis.driver.interrupt.InterruptBlock;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.kit.driver.DrivenPlatform.Reach;
import dev.portcullis.spec.interrupt.RemappableFormat;
import dev.portcullis.unit.UnitConfiguration.Preset;
import dev.portcullis.vmm.assign.Assignments;
import dev.portcullis.vmm.fault.ActionFailedException;
import dev.portcullis.vmm.fault.DeviceStop;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.partition.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuarantineTest {
  private static final long GPA = 0x10_0000;

  private final TestFunction disk = new TestFunction("00:05.0");
  private TestHost host;
  private Assignments assignments;
  private Partition user;
  private Partition services;

  @BeforeEach
  void start() throws Exception {
    start(Preset.SCALABLE);
  }

  private void start(Preset preset) throws Exception {
    host = new TestHost(preset);
    assignments = host.lvmm.assignments();
    user = host.lvmm.create("user", 1 << 20);
    services = host.lvmm.create("services", 1 << 20);
    user.map(new PageRange(GPA, 0x1000), user.window().first(), Rights.READ_WRITE);
    assignments.assign(disk, user);
  }

  private Reach write() {
    return host.write(disk, GPA, user.window().first());
  }

  @Test
  void aFunctionInQuarantineIsResetAndReachesNothing_butStaysItsPartitions() throws Exception {
    assertThat(write()).isEqualTo(Reach.THERE);
    int resets = disk.resets();
    List<Reach> atReset = new ArrayList<>();
    disk.onReset(() -> atReset.add(write()));
    assignments.quarantine(disk.at(), "user");
    assertThat(atReset).as("reset before the tables change").containsExactly(Reach.THERE);
    assertThat(disk.resets()).isEqualTo(resets + 1);
    assertThat(write()).isEqualTo(Reach.BLOCKED);
    assertThat(assignments.isQuarantined(disk.at())).isTrue();
    assertThat(assignments.at(disk.at()))
        .hasValueSatisfying(one -> assertThat(one.partition()).isSameAs(user));
    assignments.quarantine(disk.at(), "user");
    assertThat(write()).isEqualTo(Reach.BLOCKED);
    assertThat(host.lvmm.breaches()).isEmpty();
  }

  private int faults() throws Exception {
    List<FaultRecord> faults = new ArrayList<>();
    host.driver.faults().drain(faults::add);
    return faults.size();
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "CACHING_MODE", "SCALABLE"})
  void whatAFunctionInQuarantineTriesIsNotRecorded_untilItIsResumedOrReleased(Preset preset)
      throws Exception {
    start(preset);
    host.write(disk, 0, 0);
    assertThat(faults()).isEqualTo(1);
    assignments.quarantine(disk.at(), "user");
    for (int i = 0; i < 1000; i++) {
      host.write(disk, i * 0x1000L, 0);
    }
    TestFunction other = new TestFunction("00:07.0");
    assignments.assign(other, services);
    host.write(other, 0, 0);
    assertThat(faults()).as("only the other's").isEqualTo(1);
    assignments.resume(disk.at());
    host.write(disk, 0, 0);
    assertThat(faults()).isEqualTo(1);
    assignments.quarantine(disk.at(), "user");
    assignments.release(disk.at());
    host.write(disk, 0, 0);
    assertThat(faults()).isEqualTo(1);
  }

  @Test
  void interruptsOfAFunctionInQuarantineAreNotRecorded_untilItIsResumed() throws Exception {
    InterruptBlock block = assignments.at(disk.at()).orElseThrow().interrupts().orElseThrow();
    interrupt(block);
    assertThat(faults()).as("an entry that nobody has set").isEqualTo(1);
    assignments.quarantine(disk.at(), "user");
    interrupt(block);
    assertThat(faults()).isZero();
    assignments.resume(disk.at());
    interrupt(block);
    assertThat(faults()).isEqualTo(1);
    assignments.quarantine(disk.at(), "user");
    assignments.release(disk.at());
    interrupt(block);
    assertThat(faults()).isEqualTo(1);
  }

  private void interrupt(InterruptBlock block) {
    RemappableFormat message = block.message(0);
    host.platform
        .unit()
        .interrupt(disk.at().id(), message.address(), message.data(), (address, data) -> {});
  }

  @Test
  void aFunctionThatIsResumedReachesItsPartitionAgain() throws Exception {
    assignments.quarantine(disk.at(), "user");
    assignments.resume(disk.at());
    assertThat(write()).isEqualTo(Reach.THERE);
    assertThat(assignments.isQuarantined(disk.at())).isFalse();
    assertThatThrownBy(() -> assignments.resume(disk.at()))
        .hasMessage("function 00:05.0 has not been stopped");
  }

  @Test
  void aFunctionInQuarantineCanChangeHands() throws Exception {
    assignments.quarantine(disk.at(), "user");
    services.map(new PageRange(GPA, 0x1000), services.window().first(), Rights.READ_WRITE);
    assignments.reassign(disk.at(), services);
    assertThat(assignments.isQuarantined(disk.at())).isFalse();
    assertThat(host.write(disk, GPA, services.window().first())).isEqualTo(Reach.THERE);
  }

  @Test
  void itsPagesGoBackWhenItsPartitionDoes() throws Exception {
    int before = host.platform.pagesTaken();
    Partition guest = host.lvmm.create("guest", 1 << 20);
    TestFunction other = new TestFunction("00:06.0");
    assignments.assign(other, guest);
    assignments.quarantine(other.at(), "guest");
    host.lvmm.destroy(guest, Lvmm.Departure.AS_IT_IS);
    assertThat(host.platform.pagesTaken()).isEqualTo(before);
    assertThat(assignments.isQuarantined(other.at())).isFalse();
  }

  @Test
  void whoseFunctionItIsByNowIsNotDisturbed() throws Exception {
    DeviceStop stop = new DeviceStop(assignments);
    assignments.reassign(disk.at(), services);
    int resets = disk.resets();
    assertThatThrownBy(() -> stop.stop(disk.at(), Optional.of("user")))
        .isInstanceOf(ActionFailedException.class)
        .hasMessage(
            "function 00:05.0 belongs to partition services by now, no more to partition user");
    assertThatThrownBy(() -> stop.stop(disk.at(), Optional.empty()))
        .isInstanceOf(ActionFailedException.class);
    assignments.release(disk.at());
    assertThatThrownBy(() -> stop.stop(disk.at(), Optional.of("services")))
        .hasMessageContaining("belongs to no partition");
    assertThat(disk.resets()).isEqualTo(resets + 1);
  }
}
