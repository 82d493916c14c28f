package dev.portcullis.conformance;

import static dev.portcullis.conformance.Scenario.IOVA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.Await;
import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.queue.Descriptor.Hint;
import dev.portcullis.kit.queue.RegisterInvalidation;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers.Protection;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.request.Request;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Requests translated before an invalidation have ended when the unit says it is done.
class DrainConformanceTest {
  /// How long a drain that must not end is watched.
  private static final int MILLIS = 30;

  private final TestMachine machine =
      TestMachine.withUnit(builder -> builder.with(Feature.PROTECTED_LOW_MEMORY)).translating();
  private final long status = machine.page();
  private final TestDevice device = machine.device("00:03.0").map(IOVA, machine.page());

  /// Runs what software does on a thread of its own, since it may have to wait.
  private static CompletableFuture<Void> software(Runnable action) {
    return CompletableFuture.runAsync(action, task -> Thread.ofPlatform().daemon().start(task));
  }

  static Stream<Descriptor> draining() {
    return Stream.of(
        Descriptor.iotlbGlobal(),
        Descriptor.iotlbDomain(1),
        Descriptor.iotlbPages(1, IOVA, 0, Hint.ANY_ENTRY));
  }

  @ParameterizedTest
  @MethodSource("draining")
  @Covers({"descriptor 2h", "register CAP.DRD", "register CAP.DWD"})
  void aRequestUnderWayHoldsTheNextWaitBack(Descriptor invalidation) {
    int ticket = machine.unit().inFlight().enter(1);
    machine.unit().translate(device.sourceId(), IOVA, Request.WRITE);
    CompletableFuture<Void> done =
        software(() -> machine.queue().submit(invalidation, Descriptor.waitStatus(status, 1)));
    Await.never("status", MILLIS, () -> machine.memory().readInt(status) != 0);
    machine.unit().inFlight().exit(ticket, 1);
    Await.until("status", () -> machine.memory().readInt(status) == 1);
    Await.until("software", done::isDone);
  }

  @Test
  void requestsThatBeginAfterTheInvalidationDoNotHoldItBack() throws Exception {
    int ticket = machine.unit().inFlight().enter(1);
    CompletableFuture<Void> done =
        software(() ->
            machine.queue().submit(Descriptor.iotlbGlobal(), Descriptor.waitStatus(status, 1)));
    Await.never("status", MILLIS, () -> machine.memory().readInt(status) != 0);
    int[] later = new int[100];
    for (int i = 0; i < later.length; i++) {
      later[i] = machine.unit().inFlight().enter(1);
    }
    machine.unit().inFlight().exit(ticket, 1);
    Await.until("status", () -> machine.memory().readInt(status) == 1);
    for (int one : later) {
      machine.unit().inFlight().exit(one, 1);
    }
    done.get();
  }

  @Test
  @Covers({"register IOTLB.DR", "register IOTLB.DW", "register IOTLB.IVT"})
  void aRequestUnderWayHoldsARegisterInvalidationBack() throws Exception {
    machine.queue().disable();
    int ticket = machine.unit().inFlight().enter(1);
    CompletableFuture<Void> done =
        software(() -> new RegisterInvalidation(machine.registers()).iotlbGlobal());
    Await.never("done", MILLIS, done::isDone);
    machine.unit().inFlight().exit(ticket, 1);
    done.get();
  }

  @Test
  @Covers({"register GCMD.TE", "register GSTS.TES"})
  void aRequestUnderWayHoldsTheStartOfTranslationBack() throws Exception {
    machine.registers().disable(Command.TE);
    int ticket = machine.unit().inFlight().enter(1);
    CompletableFuture<Void> done = software(() -> machine.registers().enable(Command.TE));
    Await.never("translation", MILLIS, done::isDone);
    machine.unit().inFlight().exit(ticket, 1);
    done.get();
    assertThat(machine.registers().isOn(Command.TE)).isTrue();
  }

  @Test
  @Covers({"register PMEN.EPM", "register PMEN.PRS"})
  void aRequestUnderWayHoldsTheStartOfProtectionBack() throws Exception {
    int ticket = machine.unit().inFlight().enter(1);
    CompletableFuture<Void> done = software(() -> machine.registers().protectMemory(Protection.ON));
    Await.never("protection", MILLIS, done::isDone);
    machine.unit().inFlight().exit(ticket, 1);
    done.get();
    assertThat(machine.registers().read32(Offsets.PMEN) & 1).isEqualTo(1);
  }

  @Test
  void noRequestAfterTheWaitUsesADroppedTranslation() throws Exception {
    long pages = machine.memory().pages(2);
    device.map(IOVA, pages);
    boolean[] stop = {false};
    long[] round = {0};
    Thread dma =
        Thread.ofPlatform()
            .start(() -> {
              while (!stop[0] && !Thread.currentThread().isInterrupted()) {
                device.writeLong(IOVA, round[0]++);
                Thread.onSpinWait();
              }
            });
    try {
      for (int i = 0; i < 300; i++) {
        long here = pages + 4096L * (i & 1);
        long there = pages + 4096L * (1 - (i & 1));
        device.map(IOVA, there);
        machine
            .queue()
            .complete(Descriptor.iotlbPages(device.domain().id(), IOVA, 0, Hint.LEAF_ONLY));
        machine.memory().writeLong(here, -1);
        long before = machine.unit().inFlight().entered();
        Await.until("more requests", () -> machine.unit().inFlight().entered() > before + 3);
        assertThat(machine.memory().readLong(here)).isEqualTo(-1);
      }
    } finally {
      stop[0] = true;
      dma.interrupt();
      dma.join();
    }
  }
}
