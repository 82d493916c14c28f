package dev.portcullis.unit.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CommandsTest {
  private final AtomicInteger turns = new AtomicInteger();

  @Test
  void newsIsServedWhereItComes() {
    Commands commands = new Commands(turns::incrementAndGet);
    commands.wake();
    assertThat(turns).hasValue(1);
    commands.enter();
    commands.leave();
    assertThat(turns).as("once").hasValue(1);
  }

  @Test
  void newsDuringACommandIsServedAfterIt() {
    Commands commands = new Commands(turns::incrementAndGet);
    commands.enter();
    commands.wake();
    assertThat(turns).hasValue(0);
    commands.leave();
    assertThat(turns).hasValue(1);
  }

  @Test
  void whoBringsNewsDoesNotWaitForACommand() throws InterruptedException {
    Commands commands = new Commands(turns::incrementAndGet);
    commands.enter();
    Thread bringer = Thread.ofPlatform().start(commands::wake);
    bringer.join();
    assertThat(turns).hasValue(0);
    commands.leave();
    assertThat(turns).hasValue(1);
  }

  @Test
  void newsOfSeveralThreadsIsNeverLost() throws InterruptedException {
    AtomicInteger brought = new AtomicInteger();
    AtomicInteger served = new AtomicInteger();
    Commands commands = new Commands(() -> served.set(brought.get()));
    List<Thread> threads =
        IntStream.range(0, 3)
            .mapToObj(i ->
                Thread.ofPlatform()
                    .start(() -> {
                      for (int n = 0; n < 20_000; n++) {
                        if (i == 0) {
                          commands.enter();
                          commands.leave();
                        } else {
                          brought.incrementAndGet();
                          commands.wake();
                        }
                      }
                    }))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(served).hasValue(brought.get());
  }
}
