package dev.portcullis.vmm.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.driver.fault.FaultRecord;
import dev.portcullis.driver.fault.FaultRecord.AddressType;
import dev.portcullis.driver.fault.FaultRecord.Privilege;
import dev.portcullis.driver.fault.FaultRecord.RequestType;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.vmm.event.Event;
import dev.portcullis.vmm.event.EventBus;
import dev.portcullis.vmm.event.EventRing;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.SampleEvents;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.fault.FaultEvent.Refused;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FaultRulesTest {
  private static final RequesterId ROGUE = RequesterId.parse("00:06.0");
  private static final RequesterId OTHER = RequesterId.parse("00:07.0");
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final AtomicLong now = new AtomicLong(-5 * SECOND);
  private final EventRing ring = new EventRing(10_000);
  private final EventBus bus = new EventBus(SampleEvents.source(), EventBus.Limits.DEFAULT);
  private final TestActions actions = new TestActions();
  private FaultResponder responder;

  /// Notes what it is to do, and fails as the test says.
  private static final class TestActions implements Actions {
    final List<String> taken = new CopyOnWriteArrayList<>();
    final Map<FaultAction, String> failures = new EnumMap<>(FaultAction.class);
    volatile CountDownLatch gate = new CountDownLatch(0);

    private void take(FaultAction action, String what) throws ActionFailedException {
      try {
        gate.await();
      } catch (InterruptedException e) {
        throw new ActionFailedException("interrupted", e);
      }
      String failure = failures.get(action);
      if ("a bug".equals(failure)) {
        throw new IllegalStateException("index out of bounds");
      }
      taken.add(what);
      if (failure != null) {
        throw new ActionFailedException(failure);
      }
    }

    @Override
    public void message(String text) throws ActionFailedException {
      take(FaultAction.MESSAGE, text.replaceFirst(": .*", ""));
    }

    @Override
    public void stopDevice(RequesterId at, Optional<String> partition)
        throws ActionFailedException {
      take(FaultAction.STOP_DEVICE, "stop " + at + " of " + partition.orElse("nobody"));
    }

    @Override
    public void haltPartition(String partition) throws ActionFailedException {
      take(FaultAction.HALT_PARTITION, "halt " + partition);
    }

    @Override
    public void rebootPlatform() throws ActionFailedException {
      take(FaultAction.REBOOT_PLATFORM, "reboot");
    }
  }

  private void rules(FaultRule... rules) {
    bus.add(ring);
    responder = new FaultResponder(List.of(rules), actions, bus, now::get);
  }

  @AfterEach
  void close() {
    actions.gate.countDown();
    responder.close();
    bus.close();
  }

  private static FaultRecord record(FaultReason reason, RequestType type) {
    return new FaultRecord(
        ROGUE.id(),
        reason.code(),
        type,
        AddressType.UNTRANSLATED,
        0x1000,
        OptionalInt.empty(),
        Privilege.USER);
  }

  private static Refused fault(RequesterId function, String partition) {
    return new Refused(
        record(FaultReason.SECOND_STAGE_NOT_PRESENT, RequestType.WRITE),
        function,
        Optional.ofNullable(partition));
  }

  private static Refused interrupt() {
    return new Refused(
        record(FaultReason.SOURCE_NOT_VALID, RequestType.WRITE), ROGUE, Optional.of("user"));
  }

  private List<Event> told(EventType type) {
    return ring.latest().stream().filter(event -> event.type() == type).toList();
  }

  private List<Event> outcomes(int count) throws InterruptedException {
    until(() -> told(EventType.RULE_ACTION).size() >= count);
    return told(EventType.RULE_ACTION);
  }

  private static void until(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  @Test
  void aRuleHasDoneWhatItSays_andEachIsTold() throws Exception {
    rules(FaultRule.of("astray", FaultMatch.ANY, FaultAction.MESSAGE, FaultAction.STOP_DEVICE));
    responder.accept(fault(ROGUE, "user"));
    List<Event> events = outcomes(2);
    assertThat(actions.taken).containsExactly("rule astray", "stop 00:06.0 of user");
    assertThat(events)
        .extracting(event -> event.data().get("action"))
        .containsExactly("message", "stop-device");
    Event stop = events.get(1);
    assertThat(stop.severity()).isEqualTo(Severity.ERROR);
    assertThat(stop.subject().path()).isEqualTo("partition/user/function/00:06.0");
    assertThat(stop.data())
        .containsEntry("rule", "astray")
        .containsEntry("outcome", "done")
        .containsEntry("suppressed", 0L)
        .doesNotContainKey("why");
  }

  @Test
  void theFirstRuleThatAppliesEndsIt_unlessItSaysContinue() throws Exception {
    rules(
        FaultRule.of("never", FaultMatch.ANY.functions(Set.of(OTHER)), FaultAction.MESSAGE),
        FaultRule.of("first", FaultMatch.ANY, FaultAction.MESSAGE).continuing(),
        FaultRule.of("second", FaultMatch.ANY, FaultAction.MESSAGE),
        FaultRule.of("third", FaultMatch.ANY, FaultAction.MESSAGE));
    responder.accept(fault(ROGUE, "user"));
    responder.accept(fault(ROGUE, "user"));
    responder.accept(fault(OTHER, "user"));
    outcomes(3);
    assertThat(actions.taken)
        .as("one that cools down applies, too: the third is never reached")
        .containsExactly("rule first", "rule second", "rule never");
  }

  @Test
  void aRateIsEachFunctionsOwn_andBelowItTheNextRuleIsAsked() throws Exception {
    rules(
        FaultRule.of("storm", FaultMatch.ANY, FaultAction.STOP_DEVICE)
            .atRate(100, Duration.ofSeconds(1)),
        FaultRule.of("first", FaultMatch.ANY, FaultAction.MESSAGE));
    for (int i = 0; i < 99; i++) {
      responder.accept(fault(ROGUE, "user"));
      responder.accept(fault(OTHER, "services"));
    }
    outcomes(2);
    assertThat(actions.taken).containsExactly("rule first", "rule first");
    responder.accept(fault(ROGUE, "user"));
    outcomes(3);
    assertThat(actions.taken).endsWith("stop 00:06.0 of user");
    now.addAndGet(2 * SECOND);
    responder.accept(fault(OTHER, "services"));
    responder.close();
    assertThat(actions.taken).as("the window has passed").hasSize(3);
  }

  @Test
  void aWindowForgetsWhatIsOlderAndNothingElse() {
    rules(FaultRule.of("none", FaultMatch.ANY, FaultAction.MESSAGE));
    Window window = new Window(16 * SECOND, 0);
    for (int second = 0; second < 15; second++) {
      assertThat(window.count(second * SECOND)).isEqualTo(second + 1);
    }
    assertThat(window.count(15 * SECOND)).isEqualTo(16);
    assertThat(window.count(16 * SECOND)).isEqualTo(16);
    assertThat(window.count(30 * SECOND)).as("of seconds 15, 16 and 30").isEqualTo(3);
    assertThat(window.isEmpty(1000 * SECOND)).isTrue();
  }

  @Test
  void whatWasDoneIsNotDoneAgainWhileItCoolsDown() throws Exception {
    rules(
        FaultRule.of("halt", FaultMatch.ANY, FaultAction.HALT_PARTITION)
            .coolingDown(Duration.ofSeconds(5)));
    responder.accept(fault(ROGUE, "user"));
    for (int i = 0; i < 1_000; i++) {
      responder.accept(fault(i % 2 == 0 ? ROGUE : OTHER, "user"));
    }
    responder.accept(fault(OTHER, "services"));
    outcomes(2);
    now.addAndGet(5 * SECOND);
    responder.accept(fault(ROGUE, "user"));
    List<Event> events = outcomes(3);
    assertThat(actions.taken).containsExactly("halt user", "halt services", "halt user");
    assertThat(events.getLast().data()).containsEntry("suppressed", 1_000L);
  }

  @Test
  void anActionThatFailsIsTold_andEscalatesIfItShould() throws Exception {
    actions.failures.put(FaultAction.STOP_DEVICE, "the unit does not answer");
    actions.failures.put(FaultAction.HALT_PARTITION, "a bug");
    rules(FaultRule.of("astray", FaultMatch.ANY, FaultAction.STOP_DEVICE).escalating());
    responder.accept(fault(ROGUE, "user"));
    List<Event> events = outcomes(3);
    assertThat(actions.taken).containsExactly("stop 00:06.0 of user", "reboot");
    assertThat(events)
        .extracting(event -> event.data().get("outcome"))
        .containsExactly("failed", "failed", "done");
    assertThat(events.getFirst().data()).containsEntry("why", "the unit does not answer");
    assertThat(events.getFirst().severity()).isEqualTo(Severity.CRITICAL);
    assertThat(events.get(1).data().get("why").toString()).contains("a bug");
  }

  @Test
  void anActionThatFailsIsAllThereIsIfARuleDoesNotEscalate() throws Exception {
    actions.failures.put(FaultAction.STOP_DEVICE, "the unit does not answer");
    rules(FaultRule.of("astray", FaultMatch.ANY, FaultAction.STOP_DEVICE, FaultAction.MESSAGE));
    responder.accept(fault(ROGUE, "user"));
    outcomes(2);
    assertThat(actions.taken).containsExactly("stop 00:06.0 of user", "rule astray");
  }

  @Test
  void whatAnEscalationHasDoneIsNotDoneAgain() throws Exception {
    actions.failures.put(FaultAction.STOP_DEVICE, "the unit does not answer");
    rules(
        FaultRule.of(
                "astray",
                FaultMatch.ANY,
                FaultAction.STOP_DEVICE,
                FaultAction.HALT_PARTITION,
                FaultAction.MESSAGE)
            .escalating());
    responder.accept(fault(ROGUE, "user"));
    outcomes(3);
    assertThat(actions.taken).containsExactly("stop 00:06.0 of user", "halt user", "rule astray");
  }

  @Test
  void thePartitionOfNobodyCannotBeHalted() throws Exception {
    rules(FaultRule.of("halt", FaultMatch.ANY, FaultAction.HALT_PARTITION));
    responder.accept(fault(ROGUE, null));
    assertThat(outcomes(1).getFirst().data())
        .containsEntry("why", "function 00:06.0 belongs to no partition");
    assertThat(actions.taken).isEmpty();
  }

  @Test
  void anActionThatHangsHoldsNoReaderUp_andWhatFoundNoRoomIsTold() throws Exception {
    actions.gate = new CountDownLatch(1);
    rules(FaultRule.of("astray", FaultMatch.ANY, FaultAction.STOP_DEVICE));
    for (int id = 0; id < 1_000; id++) {
      responder.accept(fault(RequesterId.of(id), "user"));
    }
    actions.gate.countDown();
    until(() -> !told(EventType.RULE_OVERRUN).isEmpty());
    long overrun = (long) told(EventType.RULE_OVERRUN).getFirst().data().get("count");
    outcomes((int) (1_000 - overrun));
    assertThat(overrun).isBetween(1_000L - 256 - 1, 1_000L - 256);
  }

  @Test
  void rulesRememberAsMuchAsTheFunctionsThatWereRefusedLately() {
    rules(
        FaultRule.of("storm", FaultMatch.ANY, FaultAction.MESSAGE)
            .atRate(1_000_000, Duration.ofSeconds(1)));
    for (int i = 0; i < 65_536; i++) {
      responder.accept(fault(RequesterId.of(i), "user"));
      now.addAndGet(SECOND / 100);
    }
    assertThat(responder.remembered()).isLessThanOrEqualTo(1_025);
  }

  @Test
  void aMatchIsAllItsParts() {
    rules(FaultRule.of("none", FaultMatch.ANY, FaultAction.MESSAGE));
    Refused write = fault(ROGUE, "user");
    FaultMatch any = FaultMatch.ANY;
    assertThat(any.fits(write)).isTrue();
    assertThat(any.atLeast(Severity.WARNING).fits(write)).isTrue();
    assertThat(any.atLeast(Severity.ERROR).fits(write)).isFalse();
    assertThat(any.atLeast(Severity.ERROR).fits(interrupt())).isTrue();
    assertThat(any.functions(Set.of(ROGUE)).fits(write)).isTrue();
    assertThat(any.functions(Set.of(OTHER)).fits(write)).isFalse();
    assertThat(any.partitions(Set.of("user")).fits(write)).isTrue();
    assertThat(any.partitions(Set.of("services")).fits(write)).isFalse();
    assertThat(any.partitions(Set.of("user")).fits(fault(ROGUE, null))).isFalse();
    assertThat(any.reasons(Set.of(FaultReason.SECOND_STAGE_NOT_PRESENT)).fits(write)).isTrue();
    assertThat(any.reasons(Set.of(FaultReason.NOT_CANONICAL)).fits(write)).isFalse();
    assertThat(any.classes(Set.of(FaultClass.INTERRUPT)).fits(interrupt())).isTrue();
    assertThat(any.classes(Set.of(FaultClass.INTERRUPT)).fits(write)).isFalse();
    assertThat(any.types(Set.of(RequestType.WRITE)).fits(write)).isTrue();
    assertThat(any.types(Set.of(RequestType.READ)).fits(write)).isFalse();
    assertThat(any.types(Set.of(RequestType.WRITE)).fits(interrupt())).isFalse();
    assertThat(any.functions(Set.of(ROGUE)).partitions(Set.of("services")).fits(write)).isFalse();
  }

  @Test
  void everyReasonHasAClassAndInterruptsAreInterrupts() {
    rules(FaultRule.of("none", FaultMatch.ANY, FaultAction.MESSAGE));
    assertThat(Arrays.stream(FaultClass.values()).flatMap(one -> one.reasons().stream()))
        .as("each in one class")
        .containsExactlyInAnyOrder(FaultReason.values());
    for (FaultReason reason : FaultReason.values()) {
      boolean interrupt = reason.code() >= 0x20 && reason.code() <= 0x2f;
      assertThat(FaultClass.of(reason) == FaultClass.INTERRUPT)
          .as(reason.name())
          .isEqualTo(
              interrupt
                  && !reason.name().contains("FETCH_FAILED")
                  && !reason.name().startsWith("POSTED")
                  && reason != FaultReason.INTERRUPT_ENTRY_RESERVED_BITS);
    }
    FaultRecord unknown =
        new FaultRecord(
            0,
            0xff,
            RequestType.READ,
            AddressType.UNTRANSLATED,
            0,
            OptionalInt.empty(),
            Privilege.USER);
    assertThat(FaultClass.of(unknown)).isEqualTo(FaultClass.UNKNOWN);
  }

  @Test
  void rulesThatMakeNoSenseAreRefused() {
    rules(FaultRule.of("none", FaultMatch.ANY, FaultAction.MESSAGE));
    FaultRule good = FaultRule.of("good", FaultMatch.ANY, FaultAction.MESSAGE);
    assertThatThrownBy(() -> FaultRule.of("idle", FaultMatch.ANY))
        .hasMessageContaining("\"idle\": 0 actions");
    assertThatThrownBy(() -> good.coolingDown(Duration.ZERO)).hasMessageContaining("PT0S");
    assertThatThrownBy(() -> good.atRate(0, Duration.ofSeconds(1)))
        .hasMessageContaining("0 faults");
    assertThatThrownBy(() -> good.atRate(1, Duration.ofDays(2))).hasMessageContaining("PT48H");
  }
}
