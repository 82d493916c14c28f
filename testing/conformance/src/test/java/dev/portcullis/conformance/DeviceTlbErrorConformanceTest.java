package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.ats.Functions;
import dev.portcullis.kit.ats.Functions.Forget;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.fault.Messages.Message;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.queue.InvalidationQueue;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Devices that answer late, never, or what they were not asked.
class DeviceTlbErrorConformanceTest {
  private static final int DISK = 0x0110;
  private static final int NIC = 0x0208;
  private static final long ITE = 1 << 6;
  private static final long ICE = 1 << 5;
  private static final long IP = 1 << 30;
  private static final long LIMIT = Duration.ofMillis(250).toNanos();

  private final TestMachine machine =
      Scalable.machine(builder -> builder.deviceTlbTimeLimit(Duration.ofNanos(LIMIT)));
  private final Registers registers = machine.registers();
  private final InvalidationQueue queue = machine.queue();
  private final Functions functions = machine.functions();
  private final long status = machine.page();

  private int status() {
    return machine.memory().readInt(status);
  }

  private Descriptor done() {
    return Descriptor.waitStatus(status, 1);
  }

  private void answer(Forget told) {
    machine.unit().invalidationCompleted(told.requesterId(), 1 << told.request().tag(), 1);
  }

  private long faultStatus() {
    return registers.read32(Offsets.FSTS);
  }

  private int timeOutSource() {
    return (int) (registers.read64(Offsets.IQERCD) >>> 32) & 0xffff;
  }

  private int completionErrorSource() {
    return (int) (registers.read64(Offsets.IQERCD) >>> 48);
  }

  // Time-outs.

  @Test
  @Covers({"register FSTS.ITE", "register IQERCD.ITESID"})
  void aDeviceThatDoesNotAnswerInTimeIsATimeOut() {
    queue.submit(Descriptor.deviceTlb(DISK, 0), done());
    machine.clock().advance(LIMIT - 1);
    assertThat(faultStatus()).isZero();
    machine.clock().advance(1);
    assertThat(faultStatus()).isEqualTo(ITE);
    assertThat(timeOutSource()).isEqualTo(DISK);
    assertThat(queue.error()).isZero();
  }

  @Test
  @Covers({"register FSTS.ITE", "register IQH.QH"})
  void aWaitThatATimeOutCutShortIsNeverDone() {
    queue.submit(Descriptor.deviceTlb(DISK, 0), done(), Descriptor.waitStatus(status + 4, 1));
    machine.clock().advance(LIMIT);
    assertThat(queue.head()).as("not past the wait").isEqualTo(32);
    assertThat(machine.memory().readInt(status + 4)).as("nothing behind it is done").isZero();
    registers.write32(Offsets.FSTS, ITE);
    assertThat(faultStatus()).isZero();
    assertThat(status()).isZero();
    assertThat(machine.memory().readInt(status + 4)).as("from there on it goes on").isEqualTo(1);
    assertThat(queue.head()).isEqualTo(queue.tail());
  }

  @Test
  void whatSoftwareHasPutInThePlaceOfTheWaitIsDone() {
    queue.submit(Descriptor.deviceTlb(DISK, 0), done());
    machine.clock().advance(LIMIT);
    queue.put(32, Descriptor.waitStatus(status, 7));
    registers.write32(Offsets.FSTS, ITE);
    assertThat(status()).isEqualTo(7);
  }

  @Test
  void softwareMaySubmitAgainWhatTimedOut() {
    queue.submit(Descriptor.deviceTlb(DISK, 0), done());
    machine.clock().advance(LIMIT);
    functions.take();
    registers.write32(Offsets.FSTS, ITE);
    queue.submit(Descriptor.deviceTlb(DISK, 0), done());
    assertThat(status()).isZero();
    answer(functions.takeForget());
    assertThat(status()).isEqualTo(1);
  }

  @Test
  void aTimedOutQueueIgnoresTheTail() {
    queue.submit(Descriptor.deviceTlb(DISK, 0));
    machine.clock().advance(LIMIT);
    queue.submit(done());
    assertThat(status()).isZero();
    assertThat(queue.head()).isEqualTo(32);
    registers.write32(Offsets.FSTS, 0);
    assertThat(status()).isZero();
    registers.write32(Offsets.FSTS, ITE);
    assertThat(status()).as("this wait came after the time-out").isEqualTo(1);
  }

  @Test
  void otherDevicesMayAnswerWhileTheQueueIsTimedOut() {
    queue.submit(Descriptor.deviceTlb(DISK, 0));
    machine.clock().advance(LIMIT / 2);
    queue.submit(Descriptor.deviceTlb(NIC, 0));
    List<Forget> told = functions.takeForgets();
    machine.clock().advance(LIMIT / 2);
    assertThat(faultStatus()).isEqualTo(ITE);
    answer(told.get(1));
    assertThat(faultStatus()).isEqualTo(ITE);
    registers.write32(Offsets.FSTS, ITE);
    queue.complete(Descriptor.plainWait());
  }

  @Test
  void waitsAfterATimeOutStillWaitForOtherDevices() {
    queue.submit(Descriptor.deviceTlb(DISK, 0));
    machine.clock().advance(LIMIT / 2);
    queue.submit(Descriptor.deviceTlb(NIC, 0));
    List<Forget> told = functions.takeForgets();
    machine.clock().advance(LIMIT / 2);
    registers.write32(Offsets.FSTS, ITE);
    queue.submit(done());
    assertThat(status()).isZero();
    answer(told.get(1));
    assertThat(status()).isEqualTo(1);
  }

  @Test
  @Covers("register IQERCD.ITESID")
  void theFirstOfSeveralTimeOutsIsToldUntilItIsCleared() {
    queue.submit(Descriptor.deviceTlb(DISK, 0), Descriptor.deviceTlb(NIC, 0));
    machine.clock().advance(LIMIT);
    assertThat(timeOutSource()).isEqualTo(DISK);
    registers.write32(Offsets.FSTS, ITE);
    assertThat(faultStatus()).isZero();
    queue.submit(Descriptor.deviceTlb(NIC, 0));
    machine.clock().advance(LIMIT);
    assertThat(timeOutSource()).isEqualTo(NIC);
  }

  @Test
  void anAnswerAfterTheTimeOutIsABadCompletion() {
    queue.submit(Descriptor.deviceTlb(DISK, 0));
    machine.clock().advance(LIMIT);
    answer(functions.takeForget());
    assertThat(faultStatus()).isEqualTo(ITE | ICE);
  }

  @Test
  void anAnswerInTimeLeavesNothingToWaitFor() {
    queue.submit(Descriptor.deviceTlb(DISK, 0), done());
    answer(functions.takeForget());
    assertThat(machine.clock().pending()).isZero();
    machine.clock().advance(10 * LIMIT);
    assertThat(faultStatus()).isZero();
  }

  @Test
  void aFunctionThatIsNotThereTimesOut() {
    functions.unplug();
    queue.submit(Descriptor.deviceTlb(DISK, 0), done());
    assertThat(faultStatus()).isEqualTo(ITE);
    assertThat(timeOutSource()).isEqualTo(DISK);
    assertThat(status()).isZero();
    registers.write32(Offsets.FSTS, ITE);
    assertThat(status()).isZero();
    queue.complete(Descriptor.plainWait());
  }

  @Test
  void everyTagOfDevicesThatNeverAnswerComesBack() {
    functions.unplug();
    for (int i = 0; i < 100; i++) {
      queue.submit(Descriptor.deviceTlb(DISK, 0));
      registers.write32(Offsets.FSTS, ITE);
    }
    assertThat(queue.head()).isEqualTo(queue.tail());
  }

  @Test
  @Covers({"register FSTS.ITE", "register FECTL.IP"})
  void aTimeOutIsAFaultEvent() {
    registers.write32(Offsets.FEDATA, 0x51);
    registers.write32(Offsets.FEADDR, 0xfee0_3000L);
    queue.submit(Descriptor.deviceTlb(DISK, 0));
    machine.clock().advance(LIMIT);
    assertThat(registers.read32(Offsets.FECTL) & IP).isNotZero();
    registers.write32(Offsets.FECTL, 0);
    assertThat(machine.messages().take()).containsExactly(new Message(0xfee0_3000L, 0x51));
  }

  @Test
  void aTimeOutOnItsOwnThreadSendsItsMessage() {
    registers.write32(Offsets.FEDATA, 0x51);
    registers.write32(Offsets.FEADDR, 0xfee0_3000L);
    registers.write32(Offsets.FECTL, 0);
    queue.submit(Descriptor.deviceTlb(DISK, 0));
    machine.clock().advance(LIMIT);
    assertThat(machine.messages().take()).containsExactly(new Message(0xfee0_3000L, 0x51));
  }

  @Test
  @Covers("register FECTL.IP")
  void aMaskedTimeOutIsForgottenWhenItIsCleared() {
    queue.submit(Descriptor.deviceTlb(DISK, 0));
    machine.clock().advance(LIMIT);
    registers.write32(Offsets.FSTS, ITE);
    assertThat(registers.read32(Offsets.FECTL) & IP).isZero();
  }

  @Test
  void aRequestThatWaitedForATagIsMadeAfterTheTimeOutIsCleared() {
    Descriptor[] many = new Descriptor[33];
    Arrays.fill(many, Descriptor.deviceTlb(DISK, 0));
    queue.submit(many);
    assertThat(functions.takeForgets()).hasSize(32);
    machine.clock().advance(LIMIT);
    assertThat(functions.takeForgets()).isEmpty();
    registers.write32(Offsets.FSTS, ITE);
    assertThat(functions.takeForgets()).hasSize(1);
    assertThat(queue.head()).isEqualTo(queue.tail());
  }

  // Bad completions.

  @Test
  @Covers({"register FSTS.ICE", "register IQERCD.ICESID"})
  void aTagThatIsNotInUseIsABadCompletion() {
    machine.unit().invalidationCompleted(DISK, 1 << 31, 1);
    assertThat(faultStatus()).isEqualTo(ICE);
    assertThat(completionErrorSource()).isEqualTo(DISK);
    queue.complete(Descriptor.plainWait());
  }

  @Test
  @Covers({"register FSTS.ICE", "register IQERCD.ICESID"})
  void aTagOfAnotherDeviceIsABadCompletion() {
    queue.submit(Descriptor.deviceTlb(DISK, 0), done());
    Forget told = functions.takeForget();
    machine.unit().invalidationCompleted(NIC, 1 << told.request().tag(), 1);
    assertThat(faultStatus()).isEqualTo(ICE);
    assertThat(completionErrorSource()).isEqualTo(NIC);
    assertThat(status()).isZero();
    answer(told);
    assertThat(status()).as("the queue goes on").isEqualTo(1);
  }

  @Test
  void goodTagsOfABadCompletionCount() {
    queue.submit(Descriptor.deviceTlb(DISK, 0), done());
    Forget told = functions.takeForget();
    machine.unit().invalidationCompleted(DISK, -1, 1);
    assertThat(faultStatus()).isEqualTo(ICE);
    assertThat(told.request().tag()).isBetween(0, 31);
    assertThat(status()).isEqualTo(1);
  }

  @Test
  void oneAnswerTooManyIsABadCompletion() {
    queue.submit(Descriptor.deviceTlb(DISK, 0));
    Forget told = functions.takeForget();
    answer(told);
    assertThat(faultStatus()).isZero();
    answer(told);
    assertThat(faultStatus()).isEqualTo(ICE);
  }

  @Test
  void anAnswerToNothingIsNotBad() {
    machine.unit().invalidationCompleted(DISK, 0, 1);
    assertThat(faultStatus()).isZero();
  }

  @Test
  @Covers("register IQERCD.ICESID")
  void theFirstBadCompletionIsToldUntilItIsCleared() {
    machine.unit().invalidationCompleted(DISK, 1, 1);
    machine.unit().invalidationCompleted(NIC, 1, 1);
    assertThat(completionErrorSource()).isEqualTo(DISK);
    registers.write32(Offsets.FSTS, ICE);
    assertThat(faultStatus()).isZero();
    machine.unit().invalidationCompleted(NIC, 1, 1);
    assertThat(completionErrorSource()).isEqualTo(NIC);
  }

  @Test
  @Covers({"register FSTS.ICE", "register FECTL.IM"})
  void aBadCompletionIsAFaultEvent() {
    registers.write32(Offsets.FEDATA, 0x51);
    registers.write32(Offsets.FEADDR, 0xfee0_3000L);
    registers.write32(Offsets.FECTL, 0);
    machine.unit().invalidationCompleted(DISK, 1, 1);
    machine.unit().invalidationCompleted(DISK, 1, 1);
    assertThat(machine.messages().take()).containsExactly(new Message(0xfee0_3000L, 0x51));
  }

  @Test
  void withoutDeviceTlbsNoStatusTellsOfThem() {
    TestMachine plain = TestMachine.withUnit().translating();
    plain.unit().invalidationCompleted(DISK, 1, 1);
    assertThat(plain.registers().read32(Offsets.FSTS)).isZero();
  }
}
