package dev.portcullis.vmm.fault;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.portcullis.pci.AddressType;
import dev.portcullis.pci.AtomicOperation;
import dev.portcullis.pci.AtsEntry;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.pci.TranslationRequest;
import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestraintTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private long now = 5;
  private int rests;
  private Completion answer = Completion.UNSUPPORTED_REQUEST;
  private final Restraint restraint =
      new Restraint(
          () -> now,
          time -> {
            rests++;
            now += time.toNanos();
          });
  private final UpstreamPort port = new RestrainedPort(new Answering(), restraint);
  private final MemorySegment data = Arena.ofAuto().allocate(8, 8);

  /// A way that says the same to everything.
  private final class Answering implements UpstreamPort {
    @Override
    public Completion read(long iova, MemorySegment to, long toOffset, long lengthBytes) {
      return answer;
    }

    @Override
    public Completion write(long iova, MemorySegment from, long fromOffset, long lengthBytes) {
      return answer;
    }

    @Override
    public Completion zeroLengthRead(long iova) {
      return answer;
    }

    @Override
    public Completion message(long address, int word) {
      return answer;
    }

    @Override
    public Completion atomic(
        AddressType type, int prefix, long address, AtomicOperation operation) {
      return answer;
    }

    @Override
    public long requestTranslation(TranslationRequest request) {
      return answer.isSuccess() ? AtsEntry.R : AtsEntry.refused(answer);
    }
  }

  private void refuse(int times) {
    for (int i = 0; i < times; i++) {
      restraint.refused();
    }
  }

  @Test
  void aBurstPassesWithoutAnyWait() {
    refuse(Restraint.BURST);

    assertThat(rests).isZero();
  }

  @Test
  void aStormIsHeldToItsRate() {
    refuse(Restraint.BURST);
    long begun = now;
    refuse(10 * Restraint.PER_SECOND);

    assertThat(Duration.ofNanos(now - begun))
        .isBetween(SECOND.multipliedBy(9), SECOND.multipliedBy(11));
    assertThat(rests).as("wakes rarely").isLessThan(1_200);
  }

  @Test
  void itForgetsWithTime() {
    refuse(3 * Restraint.BURST);
    now += SECOND.toNanos();
    rests = 0;
    refuse(Restraint.BURST);

    assertThat(rests).isZero();
  }

  /// However many threads rest at once, one that comes back a while later owes for a burst at most.
  @Test
  void threadsThatRestTogetherDoNotOweMoreAndMore() {
    Restraint shared = new Restraint(() -> now, time -> rests++);
    for (int i = 0; i < 1_000_000; i++) {
      shared.refused();
    }
    now += Restraint.REST.toNanos() + Duration.ofMillis(1).toNanos();
    rests = 0;
    shared.refused();

    assertThat(rests).isZero();
  }

  @Test
  void whoeverIsInterruptedGoesOn_andIsStillInterrupted() {
    Restraint interrupted =
        new Restraint(
            () -> now,
            time -> {
              rests++;
              throw new InterruptedException();
            });
    for (int i = 0; i <= Restraint.BURST; i++) {
      interrupted.refused();
    }

    assertThat(rests).isEqualTo(1);
    assertThat(Thread.interrupted()).isTrue();
  }

  private void everyKindOfRequest() {
    AddressType plain = AddressType.UNTRANSLATED;
    assertThat(port.read(0, data, 0, 8)).isEqualTo(answer);
    assertThat(port.write(0, data, 0, 8)).isEqualTo(answer);
    assertThat(port.read(plain, PasidPrefix.NONE, 0, data, 0, 8)).isEqualTo(answer);
    assertThat(port.write(plain, PasidPrefix.NONE, 0, data, 0, 8)).isEqualTo(answer);
    assertThat(port.zeroLengthRead(0)).isEqualTo(answer);
    assertThat(port.zeroLengthRead(plain, PasidPrefix.NONE, 0)).isEqualTo(answer);
    assertThat(port.message(0xfee0_0000L, 0)).isEqualTo(answer);
    assertThat(port.atomic(plain, PasidPrefix.NONE, 0, AtomicOperation.fetchAdd(4, 1)))
        .isEqualTo(answer);
    long translated = port.requestTranslation(TranslationRequest.of(PasidPrefix.NONE, 0));
    assertThat(AtsEntry.completion(translated)).isEqualTo(answer);
  }

  @Test
  void everyKindOfRequestCounts() {
    int kinds = 9;
    refuse(Restraint.BURST - kinds);
    everyKindOfRequest();
    assertThat(rests).isZero();
    restraint.refused();
    assertThat(rests).isEqualTo(1);
  }

  @Test
  void whatIsLetThroughCountsNothing() {
    answer = Completion.SUCCESS;
    for (int i = 0; i < 10_000; i++) {
      everyKindOfRequest();
    }
    answer = Completion.COMPLETER_ABORT;
    refuse(Restraint.BURST);

    assertThat(rests).isZero();
  }

  @Test
  void itAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 50; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      refuse(20_000);
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }

    assertThat(least).isZero();
  }
}
