package dev.portcullis.vmm.engine.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.vmm.engine.EngineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KeyboardTest {
  private final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
  private final Semaphore reads = new Semaphore(0);
  private Keyboard keyboard = new Keyboard("user", this::send, Duration.ZERO);

  @AfterEach
  void end() {
    keyboard.close();
    reads.release(1 << 20);
  }

  private void send(byte[] keys) {
    reads.acquireUninterruptibly();
    arrived.add(new String(keys, StandardCharsets.UTF_8));
  }

  private void assertNotRead(String keys) {
    assertThatThrownBy(() -> keyboard.type(keys))
        .isInstanceOf(EngineException.class)
        .hasMessage("it does not read what was typed");
  }

  @Test
  void whatIsTypedWaitsForTheGuest_upToABound() throws Exception {
    String half = "h".repeat(Keyboard.MOST_BYTES / 2);
    keyboard.type(half);
    keyboard.type("ä" + half.substring(2));
    assertNotRead("!");

    reads.release();
    assertThat(arrived.take()).isEqualTo(half);
    reads.release();
    assertThat(arrived.take()).startsWith("äh");

    keyboard.type("x".repeat(2 * Keyboard.MOST_BYTES));
    assertNotRead("!");
    reads.release();
    assertThat(arrived.take()).hasSize(2 * Keyboard.MOST_BYTES);
  }

  @Test
  void whoeverTypesWaitsForAGuestThatIsSlow() throws Exception {
    keyboard.close();
    keyboard = new Keyboard("user", this::send, Duration.ofMinutes(1));
    keyboard.type("x".repeat(Keyboard.MOST_BYTES));
    Thread guest = Thread.ofVirtual().unstarted(reads::release);
    guest.start();
    keyboard.type("y");
    reads.release();
    assertThat(arrived.take()).startsWith("xx");
    assertThat(arrived.take()).isEqualTo("y");
  }

  @Test
  void aMachineThatHasEndedTakesNothing() {
    keyboard.close();
    assertThatThrownBy(() -> keyboard.type("x"))
        .isInstanceOf(EngineException.class)
        .hasMessage("partition user takes nothing: it is off");
  }

  @Test
  void aMachineThatEndsMeanwhileReleasesWhoeverWaits() throws Exception {
    keyboard.close();
    keyboard = new Keyboard("user", this::fail, Duration.ofMinutes(1));
    keyboard.type("x".repeat(Keyboard.MOST_BYTES));
    Thread machine = Thread.ofVirtual().unstarted(reads::release);
    machine.start();
    assertThatThrownBy(
            () -> {
              while (true) {
                keyboard.type("y".repeat(Keyboard.MOST_BYTES));
              }
            })
        .isInstanceOf(EngineException.class)
        .hasMessage("partition user takes nothing: it is off");
  }

  private void fail(byte[] keys) throws IOException {
    reads.acquireUninterruptibly();
    throw new IOException("Broken pipe, " + keys.length);
  }
}
