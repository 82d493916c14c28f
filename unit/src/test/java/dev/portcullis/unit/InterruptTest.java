package dev.portcullis.unit;

import static dev.portcullis.unit.TestUnit.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.portcullis.spec.descriptor.InterruptCacheInvalidate;
import dev.portcullis.spec.descriptor.InvalidationWait;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.interrupt.InterruptEntry;
import dev.portcullis.spec.interrupt.PostedInterruptDescriptor;
import dev.portcullis.spec.interrupt.RemappableFormat;
import dev.portcullis.spec.interrupt.SourceCheck;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.GlobalRegisters;
import dev.portcullis.spec.register.InterruptRegisters;
import dev.portcullis.unit.event.MessageSink;
import dev.portcullis.unit.observe.InterruptOutcome;
import dev.portcullis.unit.observe.InvalidationKind;
import dev.portcullis.unit.observe.UnitEvent;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class InterruptTest {
  private static final long TABLE = 0x40_0000;
  private static final long DESCRIPTOR = 0x50_0000;
  private static final int ROUNDS = 20;
  private static final int INTERRUPTS = 10_000;

  private final TestUnit test =
      new TestUnit(
          UnitConfiguration.builder()
              .with(
                  Feature.INTERRUPT_REMAPPING,
                  Feature.EXTENDED_INTERRUPT_MODE,
                  Feature.POSTED_INTERRUPTS)
              .build());
  private final List<TestUnit.Message> out = new ArrayList<>();

  private void entry(int index, InterruptEntry entry) {
    test.store(InterruptEntry.address(TABLE, index), entry.lo(), entry.hi());
  }

  private void remap() {
    test.enableQueue();
    test.write(InterruptRegisters.IRTA, TABLE | InterruptRegisters.EIME.mask() | 15);
    test.command(GlobalRegisters.SIRTP.mask(), 0);
    test.command(GlobalRegisters.IRE.mask(), 0);
  }

  private long send(int index) {
    RemappableFormat message = RemappableFormat.message(index, 0);
    return test.unit.interrupt(
        SOURCE,
        message.address(),
        message.data(),
        (address, data) -> out.add(new TestUnit.Message(address, data)));
  }

  @Test
  void whatComesOfEachInterruptIsToldAndCounted() {
    List<UnitEvent> events = new ArrayList<>();
    entry(5, InterruptEntry.remapped(0x41, 0x102, SourceCheck.requester(SOURCE)));
    entry(6, InterruptEntry.posted(DESCRIPTOR, 0x52, SourceCheck.none()));
    test.store(
        DESCRIPTOR + PostedInterruptDescriptor.CONTROL_OFFSET,
        PostedInterruptDescriptor.of(0xf2, 3).control());
    remap();
    test.unit.attach(events::add);
    assertThat(send(5)).isZero();
    assertThat(send(6)).isZero();
    assertThat(send(6)).isZero();
    assertThat(send(7)).isNegative();
    assertThat(out)
        .containsExactly(
            new TestUnit.Message(0x1_00_fee0_2000L, 0x4041),
            new TestUnit.Message(0xfee0_3000L, 0x40f2));
    assertThat(events)
        .extracting(event -> ((UnitEvent.Interrupted) event).outcome())
        .containsExactly(
            new InterruptOutcome.Remapped(5, 0x1_00_fee0_2000L, 0x4041),
            new InterruptOutcome.Posted(6, DESCRIPTOR, 0x52),
            new InterruptOutcome.Posted(6, DESCRIPTOR, 0x52),
            new InterruptOutcome.Refused(FaultReason.INTERRUPT_ENTRY_NOT_PRESENT));
    assertThat(test.load(DESCRIPTOR + 8)).isEqualTo(1L << 0x52 - 64);
    assertThat(test.unit.statistics().interrupts())
        .isEqualTo(new Statistics.Interrupts(0, 1, 2, 1, 4, 3));
    assertThat(test.unit.statistics().faults())
        .containsEntry(FaultReason.INTERRUPT_ENTRY_NOT_PRESENT, 1L);
  }

  @Test
  void invalidationsOfInterruptEntriesAreCounted() {
    remap();
    test.submit(
        InterruptCacheInvalidate.global(),
        InterruptCacheInvalidate.indices(4, 2),
        InterruptCacheInvalidate.indices(9, 0));
    assertThat(test.unit.statistics().invalidations())
        .containsEntry(InvalidationKind.INTERRUPT_GLOBAL, 1L)
        .containsEntry(InvalidationKind.INTERRUPT_INDEX, 2L);
  }

  @Test
  void anInterruptAllocatesNothingWhenTheCacheKnowsItsEntry() {
    entry(5, InterruptEntry.remapped(0x41, 1, SourceCheck.requester(SOURCE)));
    entry(6, InterruptEntry.posted(DESCRIPTOR, 0x52, SourceCheck.none()));
    remap();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] delivered = {0};
    MessageSink sink = (address, data) -> delivered[0]++;
    RemappableFormat remapped = RemappableFormat.message(5, 0);
    RemappableFormat posted = RemappableFormat.message(6, 0);
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < INTERRUPTS; i++) {
        RemappableFormat request = (i & 1) == 0 ? remapped : posted;
        test.unit.interrupt(SOURCE, request.address(), request.data(), sink);
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(least).isZero();
    assertThat(delivered[0]).isEqualTo(ROUNDS * INTERRUPTS / 2 + 1);
    assertThat(test.unit.statistics().interrupts().entriesFetched()).isEqualTo(2);
  }

  /// Devices interrupt without pause while software moves the interrupt: once the wait is done, no
  /// interrupt comes out the old way.
  @Test
  void noInterruptUsesAnEntryThatWasInvalidated() throws InterruptedException {
    entry(0, InterruptEntry.remapped(0, 0, SourceCheck.none()));
    remap();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong oldest = new AtomicLong();
    AtomicLong late = new AtomicLong();
    List<Thread> devices = new ArrayList<>();
    RemappableFormat request = RemappableFormat.message(0, 0);
    for (int i = 0; i < 3; i++) {
      devices.add(
          Thread.ofPlatform()
              .start(() -> {
                while (!stop.get()) {
                  test.unit.interrupt(
                      SOURCE,
                      request.address(),
                      request.data(),
                      (address, data) -> {
                        long destination = address >>> 12 & 0xff | address >>> 40 << 8;
                        if (destination < oldest.get()) {
                          late.incrementAndGet();
                        }
                      });
                }
              }));
    }
    for (int destination = 1; destination <= 3_000; destination++) {
      entry(0, InterruptEntry.remapped(0, destination, SourceCheck.none()));
      test.submit(
          destination % 2 == 0
              ? InterruptCacheInvalidate.global()
              : InterruptCacheInvalidate.indices(1, 1),
          InvalidationWait.status(TestUnit.STATUS, destination));
      assertThat(test.load(TestUnit.STATUS)).isEqualTo(destination);
      oldest.set(destination);
    }
    stop.set(true);
    for (Thread device : devices) {
      device.join();
    }
    assertThat(late).hasValue(0);
  }
}
