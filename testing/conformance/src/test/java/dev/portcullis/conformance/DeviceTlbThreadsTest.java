package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.Await;
import dev.portcullis.kit.Outcome;
import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.ats.Functions.Forget;
import dev.portcullis.kit.ats.Functions.Heard;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.random.Seed;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.pci.PasidPrefix;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Devices answer and ask on threads of their own while software goes on: no completion is lost, no
/// wait is done early, no page request disappears.
class DeviceTlbThreadsTest {
  private static final int DEVICES = 3;
  private static final int ROUNDS = 600;
  private static final int DISK = 0x0190;
  private static final long IOVA = 0x4000_3000L;

  private final TestMachine machine = Scalable.machine();
  private final BlockingQueue<Forget> told = new LinkedBlockingQueue<>();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final AtomicInteger parts = new AtomicInteger();

  private void answer(boolean[] forgot) {
    while (!over.get()) {
      Forget next = told.poll();
      if (next == null) {
        Thread.onSpinWait();
        continue;
      }
      synchronized (forgot) {
        forgot[next.requesterId()] = true;
      }
      machine.unit().invalidationCompleted(next.requesterId(), 1 << next.request().tag(), 1);
    }
  }

  @Test
  void noWaitIsDoneBeforeTheDevicesAndEveryOneIsDone() throws InterruptedException {
    boolean[] forgot = new boolean[DEVICES];
    machine.functions().onHearing(heard -> told.add((Forget) heard));
    List<Thread> devices =
        IntStream.range(0, 2)
            .mapToObj(i -> Thread.ofPlatform().start(() -> answer(forgot)))
            .toList();
    long status = machine.page();
    for (int round = 1; round <= ROUNDS; round++) {
      synchronized (forgot) {
        Arrays.fill(forgot, false);
      }
      machine
          .queue()
          .submit(
              Descriptor.deviceTlb(0, 0),
              Descriptor.pasidDeviceTlb(1, 1, 0),
              Descriptor.deviceTlb(2, 0),
              Descriptor.waitStatus(status, round));
      int expected = round;
      Await.until("round " + round, () -> machine.memory().readInt(status) == expected);
      synchronized (forgot) {
        assertThat(forgot).containsOnly(true);
      }
    }
    over.set(true);
    for (Thread device : devices) {
      device.join();
    }
    assertThat(machine.registers().read32(Offsets.FSTS)).isZero();
  }

  /// The unit is in the middle of its queue when it tells a device to forget; invalidations before
  /// and after it wait for nobody's requests but those under way.
  @Test
  void requestsAreServedInTheMiddleOfAQueuesRun() {
    TestDevice nic = machine.device("00:03.0");
    long page = machine.page();
    long table = machine.page();
    Scalable.pasid(machine, table, machine.domain().map(IOVA, page), Scalable.PWSNP);
    Scalable.context(machine, nic, table);
    List<Outcome> served = new CopyOnWriteArrayList<>();
    machine
        .functions()
        .onHearing(heard -> {
          var request = CompletableFuture.supplyAsync(() -> nic.read(IOVA));
          served.add(request.orTimeout(1, TimeUnit.MINUTES).join());
          Forget forget = (Forget) heard;
          machine
              .unit()
              .invalidationCompleted(forget.requesterId(), 1 << forget.request().tag(), 1);
        });
    machine
        .queue()
        .complete(
            Descriptor.iotlbGlobal(),
            Descriptor.deviceTlb(DISK, 0),
            Descriptor.contextGlobal(),
            Descriptor.pasidsGlobal(),
            Descriptor.deviceTlb(DISK, 4096),
            Descriptor.iotlbGlobal());
    assertThat(served).containsExactly(Outcome.at(page), Outcome.at(page));
  }

  @Test
  void pageRequestsOfSeveralThreadsAllReachTheQueue() throws InterruptedException {
    new ScalableFunction(machine, DISK, 3);
    long ring = machine.memory().pages(128);
    machine.registers().write64(Offsets.PQA, ring | 7);
    int each = 4_000;
    List<Thread> askers =
        IntStream.range(0, 3).mapToObj(i -> Thread.ofPlatform().start(() -> ask(i, each))).toList();
    int[] next = new int[3];
    for (int seen = 0; seen < 3 * each; seen++) {
      long at = 32L * (seen % (1 << 14));
      Await.until("page request", () -> machine.registers().read64(Offsets.PQT) != at);
      long lo = machine.memory().readLong(ring + at);
      long page = machine.memory().readLong(ring + at + 8) >>> 12;
      int asker = (int) (lo >>> 32) - 1;
      assertThat(page).as("in the order of thread %d", asker).isEqualTo(next[asker]++);
      machine.registers().write64(Offsets.PQH, (at + 32) % (1 << 19));
    }
    for (Thread asker : askers) {
      asker.join();
    }
    assertThat(machine.registers().read32(Offsets.PRS) & 2).isZero();
  }

  private void ask(int asker, int times) {
    for (int i = 0; i < times; i++) {
      machine
          .unit()
          .requestPage(
              DISK,
              ScalableFunction.notLast(
                  ScalableFunction.request(PasidPrefix.of(asker + 1), 4096L * i, 0)));
    }
  }

  /// Software submits, clears errors and turns things off and on; devices answer rightly, wrongly
  /// or not at all, and ask for pages; time passes.
  @Test
  void nobodyIsStuckWhateverHappensAtOnce() throws InterruptedException {
    new ScalableFunction(machine, DISK, 3);
    machine.registers().write64(Offsets.PQA, machine.page());
    machine.functions().onHearing(this::remember);
    long status = machine.page();
    List<Thread> threads =
        Stream.<Consumer<SplittableRandom>>of(
                random -> command(random, status), this::behave, this::behave)
            .map(act -> repeatedly(6_000, act))
            .toList();
    for (Thread thread : threads) {
      assertThat(thread.join(Duration.ofMinutes(1))).as("came to its end").isTrue();
    }
    assertThat(failure).hasNullValue();
    machine.unit().reset();
    assertThat(machine.clock().pending()).isZero();
    machine.registers().setRootTable(machine.rootTable() | Scalable.SCALABLE);
    machine.queue().enableWide();
    machine.queue().complete(Descriptor.contextGlobal());
  }

  private Thread repeatedly(int times, Consumer<SplittableRandom> act) {
    SplittableRandom random = Seed.ofThisRun().random(parts.incrementAndGet());
    return Thread.ofPlatform()
        .uncaughtExceptionHandler((thread, e) -> failure.set(e))
        .start(() -> {
          for (int i = 0; i < times; i++) {
            act.accept(random);
          }
        });
  }

  private void remember(Heard heard) {
    if (heard instanceof Forget forget) {
      told.add(forget);
    }
  }

  private void command(SplittableRandom random, long status) {
    switch (random.nextInt(10)) {
      case 0 -> {
        machine.queue().disable();
        machine.queue().enableWide();
      }
      case 1 -> machine.registers().disable(Command.TE);
      case 2 -> machine.registers().enable(Command.TE);
      case 3 -> machine.registers().write32(Offsets.PQH, machine.registers().read64(Offsets.PQT));
      case 4 -> machine.registers().write32(Offsets.PRS, 3);
      case 5, 6 -> machine.registers().write32(Offsets.FSTS, 0x71);
      default ->
          machine
              .queue()
              .submit(
                  Descriptor.response(DISK, 1, 0),
                  Descriptor.deviceTlb(DISK, 0),
                  Descriptor.pasidIotlb(3, 1),
                  Descriptor.waitStatus(status, 1).with(7));
    }
  }

  private void behave(SplittableRandom random) {
    Forget next = told.poll();
    if (next != null && random.nextInt(8) != 0) {
      machine.unit().invalidationCompleted(DISK, 1 << next.request().tag(), 1);
    }
    switch (random.nextInt(16)) {
      case 0 -> machine.unit().invalidationCompleted(DISK, random.nextInt(), 1);
      case 1 -> machine.clock().advance(300_000_000);
      default ->
          machine.unit().requestPage(DISK, ScalableFunction.request(PasidPrefix.NONE, 4096, 1));
    }
  }
}
