package dev.portcullis.unit;

import static dev.portcullis.spec.register.QueueRegisters.IQA;
import static dev.portcullis.spec.register.QueueRegisters.IQERCD;
import static dev.portcullis.spec.register.QueueRegisters.IQH;
import static dev.portcullis.spec.register.QueueRegisters.IQT;
import static dev.portcullis.unit.TestUnit.DOMAIN;
import static dev.portcullis.unit.TestUnit.QUEUE;
import static dev.portcullis.unit.TestUnit.READ_WRITE;
import static dev.portcullis.unit.TestUnit.SOURCE;
import static dev.portcullis.unit.TestUnit.STATUS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.spec.descriptor.ContextCacheInvalidate;
import dev.portcullis.spec.descriptor.InvalidationWait;
import dev.portcullis.spec.descriptor.IotlbInvalidate;
import dev.portcullis.spec.register.EventRegisters;
import dev.portcullis.spec.register.FaultRegisters;
import dev.portcullis.spec.register.GlobalRegisters;
import dev.portcullis.spec.register.QueueRegisters;
import dev.portcullis.spec.table.ContextEntry;
import dev.portcullis.unit.request.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueueTest {
  private final TestUnit test = TestUnit.legacy();

  private long translate(long iova) {
    return test.unit.translate(SOURCE, iova, Request.READ);
  }

  private long error() {
    return (test.read(FaultRegisters.FSTS) & FaultRegisters.IQE.mask()) == 0
        ? 0
        : test.read(IQERCD);
  }

  @Test
  void aWaitWritesItsStatusAfterEverythingBeforeIt() {
    test.enableQueue();
    test.submit(
        ContextCacheInvalidate.global(),
        IotlbInvalidate.global(),
        InvalidationWait.status(STATUS, 2));
    assertThat(test.load(STATUS)).isEqualTo(2);
    assertThat(test.read(IQH)).isEqualTo(48).isEqualTo(test.read(IQT));
    assertThat(error()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void aQueueOfEverySizeWrapsAtItsEnd(int size) {
    long entries = 256L << size;
    test.write(IQA, QUEUE | size);
    test.command(GlobalRegisters.QIE.mask(), 0);
    for (long i = 0; i < entries; i++) {
      InvalidationWait wait = InvalidationWait.status(STATUS, (int) i);
      test.store(QUEUE + 16 * i, wait.lo(), wait.hi());
    }
    test.write(IQT, 16 * (entries - 1));
    assertThat(test.read(IQH)).isEqualTo(16 * (entries - 1));
    assertThat(test.load(STATUS)).isEqualTo(entries - 2);
    test.write(IQT, 16);
    assertThat(test.read(IQH)).isEqualTo(16);
    assertThat(test.load(STATUS)).isZero();
    assertThat(test.unit.statistics().waits()).isEqualTo(entries + 1);
  }

  @Test
  void aQueueFilledBeforeItIsEnabledRunsFromItsStart() {
    InvalidationWait wait = InvalidationWait.status(STATUS, 9);
    test.store(QUEUE, wait.lo(), wait.hi());
    test.write(IQA, QUEUE);
    test.write(IQT, 16);
    assertThat(test.load(STATUS)).isZero();
    test.command(GlobalRegisters.QIE.mask(), 0);
    assertThat(test.load(STATUS)).isEqualTo(9);
  }

  @Test
  void disablingTheQueueGoesBackToItsStart() {
    test.enableQueue();
    test.submit(InvalidationWait.status(STATUS, 1));
    test.command(0, GlobalRegisters.QIE.mask());
    assertThat(test.read(IQH)).isZero();
  }

  @Test
  void aContextIsUsedUntilSoftwareInvalidatesIt() {
    test.context(SOURCE, ContextEntry.present(2, 0, 4, DOMAIN));
    test.enable();
    test.enableQueue();
    assertThat(translate(0x9000)).isEqualTo(0x9000);
    test.context(SOURCE, new ContextEntry(0, 0));
    assertThat(translate(0x9000)).as("stale").isEqualTo(0x9000);

    test.submit(ContextCacheInvalidate.device(DOMAIN + 1, SOURCE));
    assertThat(translate(0x9000)).as("another domain").isEqualTo(0x9000);
    test.submit(ContextCacheInvalidate.domain(DOMAIN + 1));
    assertThat(translate(0x9000)).as("another domain").isEqualTo(0x9000);
    test.submit(ContextCacheInvalidate.device(DOMAIN, SOURCE));
    assertThat(translate(0x9000)).isNegative();
  }

  @Test
  void aPageInvalidationLeavesOtherPagesAndDomainsAlone() {
    long tables = test.attach(4);
    long first = test.map(tables, 4, 1, 0x20_0000, 0x40_0000 | READ_WRITE);
    long second = test.map(tables, 4, 1, 0x20_1000, 0x41_0000 | READ_WRITE);
    test.enable();
    test.enableQueue();
    translate(0x20_0000);
    translate(0x20_1000);
    test.store(first, 0);
    test.store(second, 0);

    test.submit(IotlbInvalidate.pages(DOMAIN + 1, 0x20_0000, 9));
    test.submit(IotlbInvalidate.domain(DOMAIN + 1));
    assertThat(translate(0x20_0000)).isEqualTo(0x40_0000);
    test.submit(IotlbInvalidate.pages(DOMAIN, 0x20_0000, 0));
    assertThat(translate(0x20_0000)).isNegative();
    assertThat(translate(0x20_1000)).isEqualTo(0x41_0000);
    test.submit(IotlbInvalidate.pages(DOMAIN, 0x20_0000, 18));
    assertThat(translate(0x20_1000)).isNegative();
  }

  @Test
  void aSmallPageInvalidationTakesTheLargePageAroundIt() {
    long tables = test.attach(4);
    long leaf = test.map(tables, 4, 2, 0x20_0000, 0x40_0000 | READ_WRITE);
    test.enable();
    test.enableQueue();
    assertThat(translate(0x23_4000)).isEqualTo(0x43_4000);
    test.store(leaf, 0);
    assertThat(translate(0x20_0000)).isEqualTo(0x40_0000);
    test.submit(IotlbInvalidate.pages(DOMAIN, 0x3f_f000, 0));
    assertThat(translate(0x20_0000)).isNegative();
  }

  @Test
  void aWaitInterruptsOnceUntilSoftwareHasSeenToIt() {
    test.write(EventRegisters.INVALIDATION.address(), 0xfee0_0000L);
    test.write(EventRegisters.INVALIDATION.data(), 0x55);
    test.write(EventRegisters.INVALIDATION.control(), 0);
    test.enableQueue();
    test.submit(InvalidationWait.interrupt(), InvalidationWait.interrupt());
    assertThat(test.messages).containsExactly(new TestUnit.Message(0xfee0_0000L, 0x55));
    assertThat(test.read(QueueRegisters.ICS)).isEqualTo(1);
    test.write(QueueRegisters.ICS, 1);
    test.submit(InvalidationWait.interrupt());
    assertThat(test.messages).hasSize(2);
  }

  @Test
  void aMaskedCompletionEventWaitsForItsMaskOrForSoftware() {
    test.enableQueue();
    test.submit(InvalidationWait.interrupt());
    assertThat(test.read(EventRegisters.INVALIDATION.control())).isEqualTo(0xc000_0000L);
    test.write(QueueRegisters.ICS, 1);
    assertThat(test.read(EventRegisters.INVALIDATION.control())).isEqualTo(0x8000_0000L);
    test.submit(InvalidationWait.interrupt());
    test.write(EventRegisters.INVALIDATION.control(), 0);
    assertThat(test.messages).hasSize(1);
    assertThat(test.read(EventRegisters.INVALIDATION.control())).isZero();
  }

  @Test
  void anInvalidDescriptorStopsTheQueueWhereItIs() {
    test.enableQueue();
    InvalidationWait wait = InvalidationWait.status(STATUS, 1);
    test.store(QUEUE, wait.lo(), wait.hi());
    test.store(QUEUE + 16, 0xf, 0);
    test.store(QUEUE + 32, wait.lo(), wait.hi());
    test.write(IQT, 48);
    assertThat(error()).isEqualTo(3);
    assertThat(test.read(IQH)).isEqualTo(16);
    test.store(STATUS, 0);
    test.write(IQT, 48);
    assertThat(test.load(STATUS)).as("moving the tail does not restart").isZero();

    test.store(QUEUE + 16, wait.lo(), wait.hi());
    test.write(FaultRegisters.FSTS, FaultRegisters.IQE.mask());
    assertThat(test.read(IQH)).isEqualTo(48);
    assertThat(test.load(STATUS)).isEqualTo(1);
    assertThat(error()).isZero();
  }

  @Test
  void aQueueErrorRaisesTheFaultEvent() {
    test.write(EventRegisters.FAULT.address(), 0xfee0_1000L);
    test.write(EventRegisters.FAULT.control(), 0);
    test.enableQueue();
    test.store(QUEUE, 0x11, 1);
    test.write(IQT, 16);
    assertThat(error()).isEqualTo(4);
    assertThat(test.messages).containsExactly(new TestUnit.Message(0xfee0_1000L, 0));
  }

  @Test
  void aReservedFieldStopsTheQueue() {
    test.enableQueue();
    test.store(QUEUE, 0x11 | 0x40, 0);
    test.write(IQT, 16);
    assertThat(error()).isEqualTo(4);
  }

  @Test
  void aTailBeyondTheQueueStopsIt() {
    test.enableQueue();
    test.write(IQT, 4096);
    assertThat(error()).isEqualTo(1);
    test.write(FaultRegisters.FSTS, FaultRegisters.IQE.mask());
    assertThat(error()).as("still there").isEqualTo(1);
    test.write(IQT, 0);
    test.write(FaultRegisters.FSTS, FaultRegisters.IQE.mask());
    assertThat(error()).isZero();
  }

  @Test
  void wideDescriptorsStopAQueueWithoutScalableMode() {
    test.write(IQA, QUEUE | 0x800);
    test.command(GlobalRegisters.QIE.mask(), 0);
    test.write(IQT, 32);
    assertThat(error()).isEqualTo(5);
  }

  @Test
  void aQueueWithoutMemoryStops() {
    test.write(IQA, 0x3f_0000_0000L);
    test.command(GlobalRegisters.QIE.mask(), 0);
    test.write(IQT, 16);
    assertThat(error()).isEqualTo(2);
  }

  @Test
  void aTableModeThatDoesNotExistStopsTheQueue() {
    test.write(GlobalRegisters.RTADDR, 0x800);
    test.command(GlobalRegisters.SRTP.mask(), 0);
    test.enableQueue();
    test.write(IQT, 16);
    assertThat(error()).isEqualTo(7);
  }

  @Test
  void aStatusWriteWithoutMemoryIsLost() {
    test.enableQueue();
    test.submit(InvalidationWait.status(0x3f_0000_0000L, 1));
    assertThat(error()).isZero();
    assertThat(test.read(IQH)).isEqualTo(16);
  }
}
