package dev.portcullis.management.boot.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EventLogTest {
  private static final EventLog LOG =
      EventLog.of(List.of(event(4, "kernel"), event(8, "kernel_cmdline: quiet"), event(4, "")));

  private static LoggedEvent event(int register, String text) {
    byte[] data = text.getBytes(StandardCharsets.UTF_8);
    return new LoggedEvent(register, LogEventType.EV_IPL.code(), sha256(data), data);
  }

  private static byte[] sha256(byte[] bytes) {
    return PcrBank.sha256().digest(bytes);
  }

  @Test
  void beginsAsACryptoAgileLogDoes() {
    byte[] bytes = LOG.bytes();

    assertThat(HexFormat.of().formatHex(bytes, 0, 65))
        .isEqualTo(
            "00000000" // PCR 0
                + "03000000" // EV_NO_ACTION
                + "00".repeat(20)
                + "21000000" // 33 bytes
                + "53706563204944204576656e74303300" // Spec ID Event03
                + "00000000" // client
                + "00020002" // minor, major, errata, 64-bit numbers
                + "01000000" // one algorithm
                + "0b002000" // SHA-256, 32 bytes
                + "00"); // nothing of the vendor's
    assertThat(HexFormat.of().formatHex(bytes, 65, 79)).isEqualTo("040000000d000000010000000b00");
  }

  @Test
  void isReadAsItWasWritten() throws Exception {
    EventLog read = EventLog.parse(LOG.bytes());

    assertThat(read.bytes()).isEqualTo(LOG.bytes());
    assertThat(PcrBank.replay(read.events())).isEqualTo(PcrBank.replay(LOG.events()));
  }

  @Test
  void registersAreExtendedInOrder() throws Exception {
    MessageDigest extend = PcrBank.sha256();
    extend.update(new byte[32]);
    byte[] one = extend.digest(sha256("kernel".getBytes(StandardCharsets.UTF_8)));
    extend.update(one);
    byte[] two = extend.digest(sha256(new byte[0]));

    assertThat(PcrBank.replay(LOG.events()))
        .containsOnlyKeys(4, 8)
        .containsEntry(4, HexFormat.of().formatHex(two));
  }

  @Test
  void whatIsSaidOfTheLogExtendsNothing() {
    LoggedEvent said =
        new LoggedEvent(0, LogEventType.EV_NO_ACTION.code(), new byte[32], new byte[0]);

    assertThat(PcrBank.replay(List.of(said))).isEmpty();
  }

  @Test
  void everyCutIsNoticedOrEndsBetweenEvents() {
    byte[] whole = LOG.bytes();
    int events = 0;
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      Throwable refused = catchThrowable(() -> EventLog.parse(cut));
      if (refused == null) {
        events++;
      } else {
        assertThat(refused).isInstanceOf(EventLogException.class);
      }
    }
    assertThat(events).isEqualTo(3);
  }

  @Test
  void garbageIsRefusedAndNeverMore() {
    Random random = new Random(3);
    byte[] whole = LOG.bytes();
    for (int i = 0; i < 2000; i++) {
      byte[] bad = whole.clone();
      int flips = 1 + random.nextInt(8);
      for (int flip = 0; flip < flips; flip++) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      }
      Throwable refused = catchThrowable(() -> EventLog.parse(bad));
      assertThat(refused == null || refused instanceof EventLogException).isTrue();
    }
    assertThatThrownBy(() -> EventLog.parse(new byte[EventLog.MOST_BYTES + 1]))
        .hasMessage("longer than 1 MiB: no event log");
  }
}
