package dev.portcullis.qemu.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RepliesTest {
  private static final int LIMIT = 10;

  private final PipedOutputStream guest = new PipedOutputStream();
  private final AtomicInteger begun = new AtomicInteger();
  private Replies replies;

  @BeforeEach
  void open() throws IOException {
    replies = new Replies(new PipedInputStream(guest), begun::incrementAndGet);
  }

  @AfterEach
  void close() throws IOException {
    guest.close();
  }

  private void says(String text) throws IOException {
    guest.write(text.getBytes());
    guest.flush();
  }

  @Test
  void guestIsReadyOnceForEachBeginning() throws Exception {
    says("ready\n");
    replies.ready().get(LIMIT, TimeUnit.SECONDS);
    replies.takeReady();
    assertThat(replies.ready()).isNotDone();

    says("3f\u0000ready\n");
    replies.ready().get(LIMIT, TimeUnit.SECONDS);
    assertThat(begun).hasValue(2);
  }

  @Test
  void exitCodeIsThatOfItsCommand() throws Exception {
    var code = replies.expect("abc");
    says("def 1\nno reply\nabc 0000\n%s\nabc 3\n".formatted("x".repeat(5000)));
    assertThat(code.get(LIMIT, TimeUnit.SECONDS)).isEqualTo(3);
  }

  @Test
  void whoeverWaitsIsToldOfTheEnd() throws Exception {
    var ready = replies.ready();
    var code = replies.expect("abc");
    guest.close();

    assertThatThrownBy(() -> ready.get(LIMIT, TimeUnit.SECONDS))
        .hasRootCauseMessage("the machine ended");
    assertThatThrownBy(() -> code.get(LIMIT, TimeUnit.SECONDS)).hasMessageContaining("ended");
    assertThatThrownBy(() -> replies.ready().get()).hasMessageContaining("ended");
    assertThatThrownBy(() -> replies.expect("def").get()).hasMessageContaining("ended");
  }

  @Test
  void endAfterTheGuestWasReadyIsToldToo() throws Exception {
    says("ready\n");
    replies.ready().get(LIMIT, TimeUnit.SECONDS);
    guest.close();
    assertThatThrownBy(() -> replies.expect("abc").get(LIMIT, TimeUnit.SECONDS))
        .hasMessageContaining("ended");
    replies.takeReady();
    assertThatThrownBy(() -> replies.ready().get()).hasMessageContaining("ended");
  }
}
