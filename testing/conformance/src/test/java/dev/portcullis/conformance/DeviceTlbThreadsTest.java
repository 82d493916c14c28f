package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.Await;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.ats.Functions.Forget;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.pci.PasidPrefix;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Devices answer and ask on threads of their own while software goes on: no completion is lost, no
/// wait is done early, no page request disappears.
class DeviceTlbThreadsTest {
  private static final int DEVICES = 3;
  private static final int ROUNDS = 2_000;
  private static final int DISK = 0x0190;

  private final TestMachine machine = Scalable.machine();
  private final BlockingQueue<Forget> told = new LinkedBlockingQueue<>();
  private final AtomicBoolean over = new AtomicBoolean();

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
}
