package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.Await;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.fault.FaultLog;
import dev.portcullis.kit.fault.Messages.Message;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The fault event and the invalidation event: when a message goes out, and when not.
class EventConformanceTest {
  private static final long IM = 1L << 31;
  private static final long IP = 1L << 30;
  private static final long IWC = 1;
  private static final Message FAULT = new Message(0xfee0_3000L, 0x51);
  private static final Message DONE = new Message(0xfee0_400cL, 0x162);

  private final TestMachine machine = TestMachine.withUnit().translating();
  private final Registers registers = machine.registers();
  private final FaultLog log = machine.faults();
  private final long status = machine.page();

  @BeforeEach
  void programMessages() {
    registers.write32(Offsets.FEDATA, FAULT.data());
    registers.write32(Offsets.FEADDR, FAULT.address());
    registers.write32(Offsets.IEDATA, DONE.data());
    registers.write32(Offsets.IEADDR, DONE.address());
  }

  private void unmask(int control) {
    registers.write32(control, 0);
  }

  private void mask(int control) {
    registers.write32(control, IM);
  }

  private boolean isMessagePending(int control) {
    return (registers.read32(control) & IP) != 0;
  }

  private void fault() {
    machine.device(3).read(0);
  }

  private void queueError() {
    machine.queue().submit(new Descriptor(0, 0));
    machine.queue().awaitError();
  }

  private List<Message> sent() {
    return machine.messages().take();
  }

  // Fault event.

  @Test
  @Covers({"register FECTL.IM", "register FEDATA.IMD", "register FEADDR.MA"})
  void aFaultSendsTheMessageSoftwareProgrammed() {
    unmask(Offsets.FECTL);
    fault();
    assertThat(sent()).containsExactly(FAULT);
    assertThat(isMessagePending(Offsets.FECTL)).isFalse();
  }

  @Test
  @Covers({"register FECTL.IM", "register FECTL.IP"})
  void aMaskedMessageIsPendingAndGoesOutWhenItIsUnmasked() {
    fault();
    assertThat(sent()).isEmpty();
    assertThat(registers.read32(Offsets.FECTL)).isEqualTo(IM | IP);
    unmask(Offsets.FECTL);
    assertThat(sent()).containsExactly(FAULT);
    assertThat(registers.read32(Offsets.FECTL)).isZero();
  }

  @Test
  void aMessageUnmaskedAgainIsNotSentAgain() {
    fault();
    unmask(Offsets.FECTL);
    mask(Offsets.FECTL);
    unmask(Offsets.FECTL);
    assertThat(sent()).containsExactly(FAULT);
  }

  @Test
  void aSecondFaultSendsNothingWhileTheFirstIsPending() {
    unmask(Offsets.FECTL);
    fault();
    fault();
    assertThat(sent()).containsExactly(FAULT);
    assertThat(log.take()).hasSize(2);
    fault();
    assertThat(sent()).containsExactly(FAULT);
  }

  @Test
  void aFaultWhileARecordOfTheBurstIsLeftSendsNothing() {
    unmask(Offsets.FECTL);
    fault();
    fault();
    log.clear(0);
    sent();
    fault();
    assertThat(sent()).isEmpty();
  }

  @Test
  @Covers("register FECTL.IP")
  void aPendingMessageIsForgottenWhenSoftwareClearsItsCause() {
    fault();
    assertThat(isMessagePending(Offsets.FECTL)).isTrue();
    log.take();
    assertThat(isMessagePending(Offsets.FECTL)).isFalse();
    unmask(Offsets.FECTL);
    assertThat(sent()).isEmpty();
  }

  @Test
  @Covers("register FECTL.IP")
  void aPendingMessageStaysWhileAnyCauseIsLeft() {
    fault();
    queueError();
    log.take();
    assertThat(isMessagePending(Offsets.FECTL)).isTrue();
    unmask(Offsets.FECTL);
    assertThat(sent()).containsExactly(FAULT);
  }

  @Test
  @Covers("register FSTS.IQE")
  void aQueueErrorIsAFaultEvent() {
    unmask(Offsets.FECTL);
    queueError();
    assertThat(sent()).containsExactly(FAULT);
  }

  @Test
  @Covers("register FECTL.IP")
  void aMaskedQueueErrorIsForgottenWhenItIsCleared() {
    queueError();
    assertThat(isMessagePending(Offsets.FECTL)).isTrue();
    registers.write32(Offsets.IQT, machine.queue().head());
    machine.queue().restart();
    assertThat(isMessagePending(Offsets.FECTL)).isFalse();
  }

  @Test
  void aFaultSendsNothingWhileAQueueErrorIsPending() {
    unmask(Offsets.FECTL);
    queueError();
    sent();
    fault();
    assertThat(log.isPending()).isTrue();
    assertThat(sent()).isEmpty();
  }

  @Test
  void aQueueErrorSendsNothingWhileAFaultIsPending() {
    unmask(Offsets.FECTL);
    fault();
    sent();
    queueError();
    assertThat(sent()).isEmpty();
  }

  @Test
  void anOverflowSendsNothingOfItsOwn() {
    unmask(Offsets.FECTL);
    for (int n = 0; n < 9; n++) {
      fault();
    }
    assertThat(log.isOverflown()).isTrue();
    assertThat(sent()).containsExactly(FAULT);
  }

  @Test
  void anOverflowNotClearedBlocksTheNextMessage() {
    unmask(Offsets.FECTL);
    for (int n = 0; n < 9; n++) {
      fault();
    }
    for (int index = 0; index < 8; index++) {
      log.clear(index);
    }
    sent();
    queueError();
    assertThat(sent()).isEmpty();
  }

  @Test
  void aSilencedFaultSendsNothing() {
    unmask(Offsets.FECTL);
    machine.device("00:03.0").map(0, machine.page()).changeContext(entry -> entry.with(1));
    machine.device("00:03.0").read(4096);
    assertThat(sent()).isEmpty();
  }

  @Test
  @Covers({"register FEUADDR.MUA", "register ECAP.EIM"})
  void withoutExtendedInterruptModeAMessageHasNoUpperAddress() {
    registers.write32(Offsets.FEUADDR, -1);
    unmask(Offsets.FECTL);
    fault();
    assertThat(sent()).containsExactly(FAULT);
  }

  // Invalidation event.

  private void completeWithInterrupt() {
    machine.queue().submit(Descriptor.waitInterrupt());
    machine.queue().awaitEmpty();
  }

  @Test
  @Covers({
    "register ICS.IWC",
    "register IECTL.IM",
    "register IEDATA.IMD",
    "register IEADDR.MA",
    "descriptor 5h"
  })
  void aWaitWithInterruptSendsTheMessageSoftwareProgrammed() {
    unmask(Offsets.IECTL);
    completeWithInterrupt();
    assertThat(registers.read32(Offsets.ICS)).isEqualTo(IWC);
    assertThat(sent()).containsExactly(DONE);
    assertThat(isMessagePending(Offsets.IECTL)).isFalse();
  }

  @Test
  @Covers({"register IECTL.IM", "register IECTL.IP"})
  void aMaskedCompletionIsPendingAndGoesOutWhenItIsUnmasked() {
    completeWithInterrupt();
    assertThat(sent()).isEmpty();
    assertThat(registers.read32(Offsets.IECTL)).isEqualTo(IM | IP);
    unmask(Offsets.IECTL);
    assertThat(sent()).containsExactly(DONE);
    assertThat(registers.read32(Offsets.IECTL)).isZero();
  }

  @Test
  @Covers({"register IECTL.IP", "register ICS.IWC"})
  void aPendingCompletionIsForgottenWhenSoftwareClearsIt() {
    completeWithInterrupt();
    registers.write32(Offsets.ICS, 0);
    assertThat(isMessagePending(Offsets.IECTL)).isTrue();
    registers.write32(Offsets.ICS, IWC);
    assertThat(registers.read32(Offsets.ICS)).isZero();
    assertThat(isMessagePending(Offsets.IECTL)).isFalse();
    unmask(Offsets.IECTL);
    assertThat(sent()).isEmpty();
  }

  @Test
  @Covers("register ICS.IWC")
  void aCompletionNotYetClearedSendsNothingAgain() {
    unmask(Offsets.IECTL);
    completeWithInterrupt();
    completeWithInterrupt();
    assertThat(sent()).containsExactly(DONE);
    registers.write32(Offsets.ICS, IWC);
    completeWithInterrupt();
    assertThat(sent()).containsExactly(DONE);
  }

  @Test
  void aWaitThatDoesBothWritesItsStatusBeforeItsMessage() {
    int[] seen = {0};
    TestMachine watched = TestMachine.withUnit();
    long word = watched.page();
    watched.queue().enable();
    unmaskCompletion(watched);
    watched.messages().onSend(message -> seen[0] = watched.memory().readInt(word));
    watched.queue().submit(Descriptor.waitStatus(word, 0x77).or(Descriptor.waitInterrupt()));
    watched.queue().awaitEmpty();
    Await.until("message", () -> !watched.messages().take().isEmpty());
    assertThat(seen[0]).isEqualTo(0x77);
  }

  private static void unmaskCompletion(TestMachine machine) {
    machine.registers().write32(Offsets.IECTL, 0);
  }

  @Test
  void aWaitWithoutInterruptSendsNothing() {
    unmask(Offsets.IECTL);
    machine.queue().submit(Descriptor.waitStatus(status, 1));
    machine.queue().awaitEmpty();
    assertThat(registers.read32(Offsets.ICS)).isZero();
    assertThat(sent()).isEmpty();
  }

  @Test
  void theTwoEventsAreIndependent() {
    unmask(Offsets.FECTL);
    unmask(Offsets.IECTL);
    fault();
    completeWithInterrupt();
    assertThat(sent()).containsExactly(FAULT, DONE);
  }

  @Test
  @Covers({"register IEUADDR.MUA", "register ECAP.EIM"})
  void withoutExtendedInterruptModeACompletionHasNoUpperAddress() {
    registers.write32(Offsets.IEUADDR, -1);
    unmask(Offsets.IECTL);
    completeWithInterrupt();
    assertThat(sent()).containsExactly(DONE);
  }
}
