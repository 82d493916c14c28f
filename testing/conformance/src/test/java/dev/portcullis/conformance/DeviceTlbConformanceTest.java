package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.ats.Functions;
import dev.portcullis.kit.ats.Functions.Forget;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.queue.InvalidationQueue;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.DownstreamPort;
import dev.portcullis.pci.InvalidateRequest;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.UnitConfiguration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Invalidation of what devices remember, as long as they answer well.
class DeviceTlbConformanceTest {
  private static final int DISK = 0x0110;
  private static final int NIC = 0x0208;

  /// An address whose lowest zero bit is the highest there is.
  private static final long EVERYTHING = 0x7fff_ffff_ffff_f000L;

  private final TestMachine machine = Scalable.machine();
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

  private void answerAtOnce(TestMachine where) {
    where
        .functions()
        .onHearing(told -> {
          if (told instanceof Forget forget) {
            where
                .unit()
                .invalidationCompleted(forget.requesterId(), 1 << forget.request().tag(), 1);
          }
        });
  }

  @Test
  @Covers("descriptor 3h")
  void aDeviceIsToldWhichPageToForget() {
    queue.submit(Descriptor.deviceTlb(DISK, 0x1234_5000));
    Forget told = functions.takeForget();
    assertThat(told.requesterId()).isEqualTo(DISK);
    assertThat(told.request())
        .isEqualTo(
            new InvalidateRequest(told.request().tag(), PasidPrefix.NONE, 0x1234_5000, false));
    assertThat(queue.head()).isEqualTo(queue.tail());
  }

  @Test
  @Covers("descriptor 3h")
  void aDeviceIsToldTheSizeOfARange() {
    queue.submit(
        Descriptor.deviceTlb(DISK, 0x1234_7000 | 1), Descriptor.deviceTlb(DISK, EVERYTHING | 1));
    List<Forget> told = functions.takeForgets();
    InvalidateRequest range = told.get(0).request();
    assertThat(range.pages()).isEqualTo(0x1234_7800);
    assertThat(range.bytes()).isEqualTo(16 * 4096);
    assertThat(range.address()).isEqualTo(0x1234_0000);
    assertThat(told.get(1).request().bytes()).as("everything").isZero();
  }

  @Test
  @Covers("descriptor 8h")
  void aDeviceIsToldWhosePageToForget() {
    queue.submit(Descriptor.pasidDeviceTlb(DISK, 0xf_edcb, 0x1234_0000 | 1 << 11));
    InvalidateRequest told = functions.takeForget().request();
    assertThat(told.prefix()).isEqualTo(PasidPrefix.of(0xf_edcb));
    assertThat(told.pages()).isEqualTo(0x1234_0800);
    assertThat(told.allPasids()).isFalse();
  }

  @Test
  @Covers("descriptor 8h")
  void aDeviceIsToldToForgetEveryPasid() {
    queue.submit(Descriptor.pasidDeviceTlb(DISK, 0, EVERYTHING | 1 << 11).with(64));
    InvalidateRequest told = functions.takeForget().request();
    assertThat(told.allPasids()).isTrue();
    assertThat(told.bytes()).isZero();
  }

  @Test
  @Covers({"descriptor 3h", "register ECAP.DT"})
  void legacyModeAsksDevicesToo() {
    TestMachine legacy =
        TestMachine.withUnit(builder -> builder.with(Feature.DEVICE_TLBS)).translating();
    answerAtOnce(legacy);
    legacy.queue().complete(Descriptor.deviceTlb(DISK, 0x5000));
    assertThat(legacy.functions().takeForget().request().pages()).isEqualTo(0x5000);
  }

  @Test
  @Covers("descriptor 5h")
  void aWaitIsNotDoneBeforeTheDeviceIs() {
    queue.submit(Descriptor.deviceTlb(DISK, 0), done());
    assertThat(status()).isZero();
    assertThat(queue.head()).as("stands at the wait").isEqualTo(32);
    answer(functions.takeForget());
    assertThat(status()).isEqualTo(1);
    assertThat(queue.head()).isEqualTo(64);
  }

  @Test
  void aWaitWaitsForEveryDeviceBeforeIt() {
    queue.submit(
        Descriptor.deviceTlb(DISK, 0),
        Descriptor.pasidDeviceTlb(NIC, 1, 0),
        Descriptor.deviceTlb(DISK, 4096),
        done());
    List<Forget> told = functions.takeForgets();
    assertThat(told).hasSize(3);
    answer(told.get(2));
    answer(told.get(0));
    assertThat(status()).isZero();
    answer(told.get(1));
    assertThat(status()).isEqualTo(1);
  }

  @Test
  void nothingIsReadPastAWaitThatWaits() {
    queue.submit(Descriptor.deviceTlb(DISK, 0), Descriptor.plainWait(), new Descriptor(0, 0));
    assertThat(queue.error()).isZero();
    answer(functions.takeForget());
    assertThat(queue.awaitError()).isEqualTo(3);
  }

  @Test
  void whatIsAddedBehindAWaitThatWaitsIsDoneAfterIt() {
    queue.submit(Descriptor.deviceTlb(DISK, 0), done());
    queue.submit(Descriptor.waitStatus(status, 2));
    assertThat(status()).isZero();
    answer(functions.takeForget());
    assertThat(status()).isEqualTo(2);
  }

  @Test
  void aWaitThatWaitsIsNotReadAgain() {
    queue.submit(Descriptor.deviceTlb(DISK, 0), done());
    queue.put(32, Descriptor.waitStatus(status, 99));
    answer(functions.takeForget());
    assertThat(status()).isEqualTo(1);
  }

  @Test
  void aDeviceMayAnswerBeforeItHasBeenAskedToTheEnd() {
    answerAtOnce(machine);
    queue.submit(Descriptor.deviceTlb(DISK, 0), done());
    assertThat(status()).isEqualTo(1);
  }

  @Test
  void aQueueFullOfDevicesThatAnswerAtOnceIsServedToItsEnd() {
    InvalidationQueue large = new InvalidationQueue(registers, machine.memory(), 7);
    queue.disable();
    large.enableWide();
    answerAtOnce(machine);
    int pairs = (1 << 14) / 2 - 1;
    Descriptor[] all =
        IntStream.range(0, pairs * 2)
            .mapToObj(i ->
                i % 2 == 0
                    ? Descriptor.deviceTlb(DISK, 0)
                    : Descriptor.waitStatus(status, i / 2 + 1))
            .toArray(Descriptor[]::new);
    large.submit(all);
    assertThat(status()).isEqualTo(pairs);
    assertThat(functions.takeForgets()).hasSize(pairs);
  }

  @Test
  void devicesMayAnswerOnThreadsOfTheirOwn() throws InterruptedException {
    Thread[] last = new Thread[1];
    functions.onHearing(told -> last[0] = Thread.ofPlatform().start(() -> answer((Forget) told)));
    for (int round = 0; round < 200; round++) {
      machine.memory().writeInt(status, 0);
      queue.complete(Descriptor.deviceTlb(DISK, 0), Descriptor.pasidDeviceTlb(NIC, 5, 0), done());
      assertThat(status()).isEqualTo(1);
    }
    last[0].join();
    assertThat(registers.read32(Offsets.FSTS)).isZero();
  }

  // Completions.

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8})
  void aDeviceIsDoneWhenItHasSaidSoOftenEnough(int messages) {
    queue.submit(Descriptor.deviceTlb(DISK, 0), done());
    int tag = functions.takeForget().request().tag();
    for (int i = 0; i < messages; i++) {
      assertThat(status()).isZero();
      assertThat(machine.unit().invalidationCompleted(DISK, 1 << tag, messages & 7))
          .isEqualTo(Completion.SUCCESS);
    }
    assertThat(status()).isEqualTo(1);
    assertThat(registers.read32(Offsets.FSTS)).isZero();
  }

  @Test
  void oneMessageMayCompleteSeveralRequests() {
    queue.submit(Descriptor.deviceTlb(DISK, 0), Descriptor.deviceTlb(DISK, 4096), done());
    int tags = functions.takeForgets().stream().mapToInt(told -> 1 << told.request().tag()).sum();
    assertThat(Integer.bitCount(tags)).as("each has a tag of its own").isEqualTo(2);
    machine.unit().invalidationCompleted(DISK, tags, 1);
    assertThat(status()).isEqualTo(1);
  }

  @Test
  void aTagIsFreeWhenItsRequestIsDone() {
    answerAtOnce(machine);
    for (int i = 0; i < 100; i++) {
      queue.complete(Descriptor.deviceTlb(DISK, 0));
    }
    assertThat(functions.takeForgets()).hasSize(100);
  }

  @Test
  void thirtyTwoRequestsAreUnderWayAtMost() {
    Descriptor[] many = new Descriptor[40];
    Arrays.fill(many, Descriptor.deviceTlb(DISK, 0));
    queue.submit(many);
    List<Forget> told = functions.takeForgets();
    assertThat(told).hasSize(32);
    assertThat(told.stream().map(one -> one.request().tag()).distinct()).hasSize(32);
    assertThat(queue.head()).isEqualTo(32 * 32);
    answer(told.get(7));
    assertThat(functions.takeForget().request().tag()).isEqualTo(told.get(7).request().tag());
    assertThat(queue.head()).isEqualTo(33 * 32);
  }

  /// Physical function 0x1234 and a limit of `most`, in a descriptor of type 3.
  private static Descriptor throttled(int sourceId, int most) {
    return Descriptor.deviceTlb(sourceId, 0)
        .or(new Descriptor(4L << 12 | 0x123L << 52 | (long) (most & 31) << 16, 0));
  }

  @Test
  @Covers({"descriptor 3h", "register ECAP.DIT"})
  void theRequestsUnderWayForAPhysicalFunctionAreLimited() {
    queue.submit(throttled(DISK, 2), throttled(NIC, 2), throttled(DISK, 2), done());
    List<Forget> told = functions.takeForgets();
    assertThat(told).hasSize(2);
    assertThat(queue.head()).isEqualTo(64);
    answer(told.get(1));
    Forget third = functions.takeForget();
    assertThat(third.requesterId()).isEqualTo(DISK);
    answer(told.get(0));
    assertThat(status()).isZero();
    answer(third);
    assertThat(status()).isEqualTo(1);
  }

  @Test
  @Covers({"descriptor 8h", "register ECAP.DIT"})
  void theLimitHoldsForRequestsWithPasidToo() {
    Descriptor limited =
        Descriptor.pasidDeviceTlb(DISK, 1, 0).or(new Descriptor(1L << 4 | 9L << 12, 0));
    queue.submit(limited, limited);
    assertThat(functions.takeForgets()).hasSize(1);
    assertThat(queue.head()).isEqualTo(32);
  }

  @Test
  void otherPhysicalFunctionsAreNotLimited() {
    queue.submit(throttled(DISK, 1), Descriptor.deviceTlb(NIC, 0));
    assertThat(functions.takeForgets()).hasSize(2);
  }

  @Test
  @Covers("register ECAP.DIT")
  void withoutTheThrottleTheLimitIsAHintAndPhysicalFunctionsAreReserved() {
    TestMachine plain =
        Scalable.machine(builder -> builder.without(Feature.DEVICE_TLB_INVALIDATION_THROTTLE));
    Descriptor one = Descriptor.deviceTlb(DISK, 0).or(new Descriptor(1 << 16, 0));
    plain.queue().submit(one, one, one);
    assertThat(plain.functions().takeForgets()).hasSize(3);
    plain.queue().submit(throttled(DISK, 1));
    assertThat(plain.queue().awaitError()).isEqualTo(4);
  }

  @Test
  void whileTranslationIsOffCompletionsAreUnsupported() {
    queue.submit(Descriptor.deviceTlb(DISK, 0), done());
    Forget told = functions.takeForget();
    registers.disable(Command.TE);
    assertThat(machine.unit().invalidationCompleted(DISK, 1 << told.request().tag(), 1))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(status()).isZero();
    assertThat(registers.read32(Offsets.FSTS)).isZero();
    registers.enable(Command.TE);
    answer(told);
    assertThat(status()).isEqualTo(1);
  }

  // Responses.

  @Test
  @Covers("descriptor 9h")
  void aResponseGoesToTheFunctionThatAsked() {
    queue.submit(Descriptor.response(DISK, 0x1ff, 0), Descriptor.response(NIC, 0xf_fffe, 3, 15));
    List<Functions.Heard> heard = functions.take();
    assertThat(heard).hasSize(2);
    Functions.Answer plain = (Functions.Answer) heard.get(0);
    assertThat(plain.requesterId()).isEqualTo(DISK);
    assertThat(plain.response().prefix()).isEqualTo(PasidPrefix.NONE);
    assertThat(plain.response().group()).isEqualTo(0x1ff);
    assertThat(plain.response().code()).isZero();
    Functions.Answer withPasid = (Functions.Answer) heard.get(1);
    assertThat(withPasid.requesterId()).isEqualTo(NIC);
    assertThat(withPasid.response().prefix()).isEqualTo(PasidPrefix.of(0xf_fffe));
    assertThat(withPasid.response().group()).isEqualTo(3);
    assertThat(withPasid.response().code()).isEqualTo(15);
  }

  @Test
  @Covers("descriptor 9h")
  void aPasidOfAResponseWithoutOneIsIgnored() {
    queue.submit(Descriptor.response(DISK, 1, 0).or(new Descriptor(0xabcL << 32, 0)).with(66));
    assertThat(functions.takeAnswers().getFirst().prefix()).isEqualTo(PasidPrefix.NONE);
    assertThat(queue.error()).isZero();
  }

  @Test
  void responsesAndInvalidationsLeaveInTheOrderOfTheQueue() {
    queue.submit(
        Descriptor.response(DISK, 1, 0),
        Descriptor.deviceTlb(DISK, 0),
        Descriptor.response(DISK, 2, 0),
        Descriptor.pasidDeviceTlb(DISK, 1, 0),
        Descriptor.response(NIC, 3, 0));
    assertThat(
            functions.take().stream()
                .map(heard ->
                    switch (heard) {
                      case Functions.Answer answer -> answer.response().group();
                      case Forget _ -> 0;
                    }))
        .containsExactly(1, 0, 2, 0, 3);
  }

  @Test
  void resetForgetsWhatIsUnderWay() {
    queue.submit(Descriptor.deviceTlb(DISK, 0), done());
    machine.unit().reset();
    machine.clock().advance(Long.MAX_VALUE / 4);
    assertThat(machine.clock().pending()).isZero();
    assertThat(registers.read32(Offsets.FSTS)).isZero();
    assertThat(status()).isZero();
    registers.setRootTable(machine.rootTable() | Scalable.SCALABLE);
    registers.enable(Command.TE);
    queue.enableWide();
    queue.complete(Descriptor.plainWait());
  }

  @Test
  void aQueueTurnedOffDoesNotGoOnWhenTheDeviceAnswers() {
    queue.submit(Descriptor.deviceTlb(DISK, 0), done());
    queue.disable();
    answer(functions.takeForget());
    assertThat(status()).isZero();
    assertThat(queue.head()).isZero();
  }

  @Test
  void aUnitThatIsConnectedToNothingTimesOutAtOnce() {
    TestMachine lonely = Scalable.machine();
    lonely.unit().connect(DownstreamPort.unplugged());
    lonely.queue().submit(Descriptor.deviceTlb(DISK, 0));
    assertThat(lonely.registers().read32(Offsets.FSTS)).isEqualTo(1 << 6);
  }

  @Test
  void theTimeADeviceHasIsConfigured() {
    UnitConfiguration configuration = machine.configuration();
    assertThat(configuration.deviceTlbTimeLimit().toSeconds()).isEqualTo(1);
  }
}
