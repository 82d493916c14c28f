package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.Await;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.interrupt.Destinations;
import dev.portcullis.kit.interrupt.InterruptRequest;
import dev.portcullis.kit.interrupt.InterruptTable;
import dev.portcullis.kit.interrupt.Irte;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.table.Entry;
import dev.portcullis.spec.register.Feature;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Interrupt remapping entries stay in use until the right request drops them, and no other does;
/// and the commands that concern the table.
class InterruptCacheConformanceTest {
  private static final int ENTRIES = 256;
  private static final Entry OLD = Irte.remapped(0x41, 0x0200);
  private static final Entry NEW = Irte.remapped(0x42, 0x0300);
  private static final Entry FAULTY = OLD.with(12);

  private final Remapping remapping = Remapping.with(Destinations.BITS_8);

  private void sendsOld(Remapping by, int index) {
    by.sends(InterruptRequest.of(index), 0xfee0_2000L, 0x4041);
  }

  private void sendsNew(Remapping by, int index) {
    by.sends(InterruptRequest.of(index), 0xfee0_3000L, 0x4042);
  }

  /// Every entry is in the cache, and another in memory.
  private void warmUp(Remapping by) {
    for (int index = 0; index < ENTRIES; index++) {
      by.table.set(index, OLD);
      sendsOld(by, index);
      by.table.set(index, NEW);
    }
  }

  @Test
  @Covers("descriptor 4h")
  void anEntryStaysInUseUntilAllAreDropped() {
    warmUp(remapping);
    for (int index = 0; index < ENTRIES; index++) {
      sendsOld(remapping, index);
    }
    remapping.machine.queue().complete(Descriptor.interruptsGlobal());
    for (int index = 0; index < ENTRIES; index++) {
      sendsNew(remapping, index);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 7, 8, 15})
  @Covers({"descriptor 4h", "register ECAP.MHMV"})
  void aRangeIsAlignedToItsSizeAndTheOthersStay(int mask) {
    warmUp(remapping);
    int asked = 0x65;
    remapping.machine.queue().complete(Descriptor.interrupts(asked, mask));
    for (int index = 0; index < ENTRIES; index++) {
      if (index >> mask == asked >> mask) {
        sendsNew(remapping, index);
      } else {
        sendsOld(remapping, index);
      }
    }
  }

  @Test
  void theSourceIsValidatedForACachedEntryToo() {
    remapping.table.set(9, Irte.source(OLD, 1, 0, remapping.device.sourceId()));
    sendsOld(remapping, 9);
    remapping.fault(remapping.machine.device("00:04.0"), InterruptRequest.of(9), 0x26, 9);
  }

  @Test
  void anAbsentEntryIsNotCachedWithoutCachingMode() {
    remapping.fault(InterruptRequest.of(9), 0x22, 9);
    remapping.table.set(9, OLD);
    sendsOld(remapping, 9);
  }

  @Test
  void aFaultyEntryIsNotCachedWithoutCachingMode() {
    remapping.table.set(9, FAULTY);
    remapping.fault(InterruptRequest.of(9), 0x24, 9);
    remapping.table.set(9, OLD);
    sendsOld(remapping, 9);
  }

  @Test
  @Covers("register CAP.CM")
  void absentAndFaultyEntriesAreCachedInCachingMode() {
    Remapping caching =
        Remapping.with(Destinations.BITS_8, builder -> builder.with(Feature.CACHING_MODE));
    caching.table.set(8, FAULTY);
    caching.fault(InterruptRequest.of(8), 0x24, 8);
    caching.fault(InterruptRequest.of(9), 0x22, 9);
    caching.table.set(8, OLD).set(9, OLD);
    caching.fault(InterruptRequest.of(8), 0x24, 8);
    caching.fault(InterruptRequest.of(9), 0x22, 9);
    caching.machine.queue().complete(Descriptor.interrupts(8, 1));
    sendsOld(caching, 8);
    sendsOld(caching, 9);
  }

  @Test
  @Covers({
    "register GCMD.SIRTP",
    "register GSTS.IRTPS",
    "register IRTA.IRTA",
    "register CAP.ESIRTPS"
  })
  void theTableIsTakenByTheCommandAndTheCacheIsLeftAlone() {
    remapping.table.set(9, OLD);
    sendsOld(remapping, 9);
    InterruptTable other = new InterruptTable(remapping.machine, 7).set(9, NEW).set(10, NEW);
    remapping.machine.registers().write64(0xb8, other.pointer(Destinations.BITS_8));
    remapping.fault(InterruptRequest.of(10), 0x22, 10);
    remapping.machine.registers().command(Command.SIRTP);
    assertThat(remapping.machine.registers().isOn(Command.SIRTP)).isTrue();
    sendsNew(remapping, 10);
    sendsOld(remapping, 9);
    remapping.machine.queue().complete(Descriptor.interruptsGlobal());
    sendsNew(remapping, 9);
  }

  @Test
  @Covers({"register CAP.ESIRTPS", "register GCMD.SIRTP"})
  void aTableTakenTheEnhancedWayEmptiesTheCache() {
    Remapping enhanced = enhanced();
    enhanced.table.set(9, OLD);
    sendsOld(enhanced, 9);
    new InterruptTable(enhanced.machine, 7).set(9, NEW).take(Destinations.BITS_8);
    sendsNew(enhanced, 9);
  }

  @Test
  @Covers({"register CAP.ESIRTPS", "register GCMD.IRE"})
  void turningRemappingOffTheEnhancedWayEmptiesTheCache() {
    Remapping enhanced = enhanced();
    for (Remapping each : new Remapping[] {enhanced, remapping}) {
      each.table.set(9, OLD);
      sendsOld(each, 9);
      each.table.set(9, NEW);
      each.machine.registers().disable(Command.IRE);
      each.machine.registers().enable(Command.IRE);
    }
    sendsNew(enhanced, 9);
    sendsOld(remapping, 9);
  }

  private static Remapping enhanced() {
    return Remapping.with(
        Destinations.BITS_8, builder -> builder.with(Feature.ENHANCED_SET_INTERRUPT_TABLE_POINTER));
  }

  @Test
  void otherInvalidationsLeaveInterruptsAlone() {
    remapping.table.set(9, OLD);
    sendsOld(remapping, 9);
    remapping.table.set(9, NEW);
    remapping
        .machine
        .queue()
        .complete(Descriptor.contextGlobal(), Descriptor.iotlbGlobal(), Descriptor.plainWait());
    sendsOld(remapping, 9);
  }

  @Test
  @Covers({"register GCMD.IRE", "register GCMD.TE"})
  void theFaultLogBeginsAnewWhenNeitherRequestsNorInterruptsAreRemapped() {
    remapping.machine.registers().setRootTable(remapping.machine.rootTable());
    remapping.machine.registers().enable(Command.TE);
    remapping.fault(InterruptRequest.of(9), 0x22, 9);
    remapping.machine.registers().disable(Command.TE);
    remapping.fault(InterruptRequest.of(9), 0x22, 9);
    assertThat(remapping.machine.faults().first()).isEqualTo(1);
    remapping.machine.registers().disable(Command.IRE);
    remapping.machine.registers().enable(Command.IRE);
    remapping.fault(InterruptRequest.of(9), 0x22, 9);
    assertThat(remapping.machine.faults().first()).isZero();
  }

  @Test
  void resetTurnsRemappingOffAndForgetsItsEntries() {
    remapping.table.set(9, OLD);
    sendsOld(remapping, 9);
    remapping.machine.unit().reset();
    remapping.sends(InterruptRequest.of(9), InterruptRequest.of(9).address(), 0);
    remapping.table.set(9, NEW).remap(Destinations.BITS_8);
    sendsNew(remapping, 9);
  }

  /// An interrupt that used the old entry holds the wait up until it is delivered.
  @Test
  @Covers("descriptor 4h")
  void aWaitIsNotDoneWhileAnInterruptIsUnderWay() throws InterruptedException {
    remapping.table.set(9, OLD);
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    Thread device =
        Thread.ofPlatform()
            .start(() ->
                remapping
                    .machine
                    .unit()
                    .interrupt(
                        0x18,
                        InterruptRequest.of(9).address(),
                        0,
                        (address, data) -> {
                          entered.countDown();
                          awaitThe(leave);
                        }));
    entered.await();
    long status = remapping.machine.page();
    Thread software =
        Thread.ofPlatform()
            .start(() ->
                remapping
                    .machine
                    .queue()
                    .submit(Descriptor.interrupts(9, 0), Descriptor.waitStatus(status, 1)));
    Await.until("software waits", () -> isInDrain(software));
    assertThat(remapping.machine.memory().readInt(status)).isZero();
    leave.countDown();
    software.join();
    device.join();
    assertThat(remapping.machine.memory().readInt(status)).isEqualTo(1);
  }

  private static boolean isInDrain(Thread thread) {
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.getMethodName().equals("drain")) {
        return true;
      }
    }
    return false;
  }

  private static void awaitThe(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
