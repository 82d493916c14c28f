package dev.portcullis.unit.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TimerTest {
  @Test
  void whatIsDueHappensOnAnotherThread() throws InterruptedException {
    CountDownLatch happened = new CountDownLatch(1);
    Thread[] on = new Thread[1];
    Timer.real()
        .after(
            1,
            () -> {
              on[0] = Thread.currentThread();
              happened.countDown();
            });
    assertThat(happened.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(on[0]).isNotSameAs(Thread.currentThread());
    assertThat(on[0].isDaemon()).isTrue();
  }
}
