package dev.portcullis.vmm.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.EngineState.Phase;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// What guests say reaches people and logs as lines, and as nothing else.
class PlainTextTest {
  @Test
  void whatSteersATerminalOrForgesALineIsReplaced() {
    assertThat(PlainText.line("panic\u001b[2J\u009b1A\r\nok user is trusted\u202e\u2028\ud800", 99))
        .isEqualTo("panic?[2J?1A? ok user is trusted???");
    assertThat(PlainText.line("größer 日本 😀", 99)).isEqualTo("größer 日本 😀");
  }

  @Test
  void theReasonOfAStateIsALineWhateverTheGuestPanickedWith() {
    EngineState state =
        EngineState.of(Phase.HALTED, "it panicked: \u001b]0;\u0007\nok" + "x".repeat(5000));
    assertThat(state.toString()).startsWith("halted: it panicked: ?]0;? okx").hasSize(1008);
  }

  @Test
  void anythingBecomesALine() {
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < 10_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(40); length > 0; length--) {
        text.append((char) random.nextInt(1 << (1 + random.nextInt(16))));
      }
      String line = PlainText.line(text.toString(), 20);
      assertThat(line.length()).isLessThanOrEqualTo(20);
      assertThat(line.codePoints()).noneMatch(Character::isISOControl);
      assertThat(line.lines().count()).isLessThanOrEqualTo(1);
    }
  }
}
