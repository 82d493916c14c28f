package dev.portcullis.qtest.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineCutterTest {
  private static final int LIMIT_BYTES = 1000;

  private final List<String> lines = new ArrayList<>();
  private final LineCutter cutter =
      new LineCutter(
          LIMIT_BYTES,
          new LineCutter.Receiver() {
            @Override
            public void line(String text) {
              lines.add(text);
            }

            @Override
            public void overlongLine() {
              lines.add("(overlong)");
            }
          });

  private void take(String text) {
    cutter.take(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  @Test
  void linesComeOutWhole_howeverTheyCameIn() {
    take("a\nbc");
    take("d\n\n");
    take("e");

    assertThat(lines).containsExactly("a", "bcd", "");
  }

  @Test
  void aLineOfTheLimitIsKept_oneLongerIsReported_andTheNextIsReadAgain() {
    String longest = "x".repeat(LIMIT_BYTES);

    take(longest + "\n" + longest + "y\n" + longest + longest);
    take(longest + "\nnext\n");

    assertThat(lines).containsExactly(longest, "(overlong)", "(overlong)", "next");
  }
}
