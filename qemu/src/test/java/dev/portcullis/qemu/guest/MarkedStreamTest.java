package dev.portcullis.qemu.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MarkedStreamTest {

  private static final byte[] MARK = "0123456789abcdef".getBytes();

  @Test
  void outputsAreCutAtTheirMarks() throws Exception {
    var stream = stream("first0123456789abcdefsecond0123456789abcdef0123456789abcdef");

    assertThat(next(stream)).asString().isEqualTo("first");
    assertThat(next(stream)).asString().isEqualTo("second");
    assertThat(next(stream)).isEmpty();
  }

  @Test
  void aBeginningOfAMarkIsOutput() throws Exception {
    assertThat(next(stream("0123456789abcd00123456789abcdef")))
        .asString()
        .isEqualTo("0123456789abcd0");
  }

  @Test
  void whatComesInPiecesIsPutTogether() throws Exception {
    var random = new Random(1);
    byte[] data = new byte[300_000];
    random.nextBytes(data);
    byte[] sent = Arrays.copyOf(data, data.length + MARK.length);
    System.arraycopy(MARK, 0, sent, data.length, MARK.length);

    InputStream pieces =
        new ByteArrayInputStream(sent) {
          @Override
          public int read(byte[] target, int offset, int length) {
            return super.read(target, offset, Math.min(length, 1 + random.nextInt(40)));
          }
        };

    assertThat(next(new MarkedStream(pieces))).isEqualTo(data);
  }

  @Test
  void anEndWithoutAMarkIsAFailure() {
    assertThatThrownBy(() -> next(stream("half"))).isInstanceOf(IOException.class);
  }

  @Test
  void outputIsKeptUpToABound() throws Exception {
    OutputStream bounded = new BoundedOutput();
    byte[] megabyte = new byte[1 << 20];
    for (int i = 0; i < 64; i++) {
      bounded.write(megabyte);
    }

    assertThatThrownBy(() -> bounded.write(0)).hasMessageContaining("64 MiB");
  }

  private static MarkedStream stream(String text) {
    return new MarkedStream(new ByteArrayInputStream(text.getBytes()));
  }

  private static byte[] next(MarkedStream stream) throws IOException {
    var output = new ByteArrayOutputStream();
    stream.copyUntil(MARK, output);
    return output.toByteArray();
  }
}
