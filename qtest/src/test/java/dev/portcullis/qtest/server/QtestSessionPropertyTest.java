package dev.portcullis.qtest.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Whatever comes in, each line gets one answer, and the session goes on.
class QtestSessionPropertyTest {
  private static final long SEED = 0x9e37_79b9_7f4aL;
  private static final int LINES = 20_000;

  private static final String[] COMMANDS = {
    "outb",
    "outw",
    "outl",
    "inb",
    "inw",
    "inl",
    "readb",
    "readw",
    "readl",
    "readq",
    "writeb",
    "writew",
    "writel",
    "writeq",
    "read",
    "write",
    "b64read",
    "b64write",
    "memset",
    "clock_step",
    "clock_set",
    "irq_intercept_in",
    "irq_intercept_out",
    "set_irq_in",
    "endianness",
    "module_load",
    "rtas",
    "qtest"
  };

  private static final String[] WORDS = {
    "0", "1", "-1", "0x", "0xffffffffffffffff", "0x8000000000000000", "65535", "0x10000", "077",
    "pins", "unnamed-gpio-in", "0xabcdef", "q83v", "", "0x7fffffff", "nothing", "=", "0x00zz"
  };

  private final Random random = new Random(SEED);

  @Test
  void eachLineOfWordsGetsOneAnswer() throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < LINES; i++) {
      text.append(COMMANDS[random.nextInt(COMMANDS.length)]);
      for (int words = random.nextInt(6); words > 0; words--) {
        text.append(' ').append(word());
      }
      text.append('\n');
    }

    List<String> answers = answers(text.toString().getBytes(StandardCharsets.ISO_8859_1));

    assertThat(answers).as("seed %#x", SEED).hasSize(LINES);
    assertThat(answers).allMatch(line -> line.matches("(OK|FAIL|ERR)( .*)?"));
  }

  private String word() {
    return random.nextInt(3) == 0
        ? "0x" + Integer.toHexString(random.nextInt(FakeMachine.BYTES))
        : WORDS[random.nextInt(WORDS.length)];
  }

  @Test
  void eachLineOfBytesGetsOneAnswer() throws Exception {
    byte[] bytes = new byte[LINES * 16];
    random.nextBytes(bytes);
    int lines = 0;
    for (byte one : bytes) {
      lines += one == '\n' ? 1 : 0;
    }

    List<String> answers = answers(bytes);

    assertThat(answers).as("seed %#x", SEED).hasSize(lines);
  }

  private List<String> answers(byte[] bytes) throws Exception {
    return Script.run(new FakeMachine(), bytes, 1 + random.nextInt(1000)).stream()
        .filter(line -> !line.startsWith("IRQ "))
        .toList();
  }
}
