package dev.portcullis.qemu.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MarkedStreamTest {

  private static final int LIMIT = 10;
  private static final byte[] MARK = "0123456789abcdef".getBytes();

  /// A guest's end of a stream, and ours.
  private static final class Wire implements AutoCloseable {
    final PipedOutputStream guest = new PipedOutputStream();
    final MarkedStream stream;

    Wire() throws IOException {
      stream = new MarkedStream(new PipedInputStream(guest, 1 << 20), "test");
    }

    void says(String text) throws IOException {
      guest.write(text.getBytes());
      guest.flush();
    }

    @Override
    public void close() throws IOException {
      guest.close();
    }
  }

  @Test
  void outputsAreBetweenTheirMarks() throws Exception {
    try (var wire = new Wire()) {
      var first = new ByteArrayOutputStream();
      var done = wire.stream.expect(MARK, first);
      wire.says("0123456789abcdeffirst0123456789abcdef");
      done.get(LIMIT, TimeUnit.SECONDS);
      var second = new ByteArrayOutputStream();
      done = wire.stream.expect(MARK, second);
      wire.says("0123456789abcdef0123456789abcdef");
      done.get(LIMIT, TimeUnit.SECONDS);

      assertThat(first).hasToString("first");
      assertThat(second).hasToString("");
    }
  }

  @Test
  void whatAResetGuestLeftIsNoOutput() throws Exception {
    try (var wire = new Wire()) {
      var lost = wire.stream.expect("fedcba9876543210".getBytes(), new ByteArrayOutputStream());
      wire.says("fedcba9876543210half a li");
      wire.stream.abandon("the guest began anew");
      assertThatThrownBy(() -> lost.get(LIMIT, TimeUnit.SECONDS))
          .hasRootCauseMessage("the guest began anew");

      var next = new ByteArrayOutputStream();
      var done = wire.stream.expect(MARK, next);
      wire.says("ne0123456789abcdefnext0123456789abcdef");
      done.get(LIMIT, TimeUnit.SECONDS);

      assertThat(next).hasToString("next");
    }
  }

  @Test
  void beginningOfAMarkIsOutput() throws Exception {
    try (var wire = new Wire()) {
      var output = new ByteArrayOutputStream();
      var done = wire.stream.expect(MARK, output);
      wire.says("0120123456789abcdef0123456789abcd00123456789abcdef");
      done.get(LIMIT, TimeUnit.SECONDS);

      assertThat(output).hasToString("0123456789abcd0");
    }
  }

  @Test
  void whatComesInPiecesIsPutTogether() throws Exception {
    var random = new Random(1);
    byte[] data = new byte[300_000];
    random.nextBytes(data);
    try (var wire = new Wire()) {
      var output = new ByteArrayOutputStream();
      var done = wire.stream.expect(MARK, output);
      wire.guest.write(MARK);
      for (int at = 0; at < data.length; ) {
        int piece = Math.min(data.length - at, 1 + random.nextInt(4000));
        wire.guest.write(data, at, piece);
        at += piece;
      }
      wire.guest.write(MARK);
      wire.guest.flush();
      done.get(LIMIT, TimeUnit.SECONDS);

      assertThat(output.toByteArray()).isEqualTo(data);
    }
  }

  @Test
  void endWithoutAMarkIsAFailureNowAndLater() throws Exception {
    var wire = new Wire();
    var done = wire.stream.expect(MARK, new ByteArrayOutputStream());
    wire.says("0123456789abcdefhalf");
    wire.close();

    assertThatThrownBy(() -> done.get(LIMIT, TimeUnit.SECONDS))
        .hasRootCauseMessage("the machine ended");
    assertThatThrownBy(() -> wire.stream.expect(MARK, OutputStream.nullOutputStream()).get())
        .hasRootCauseMessage("the machine ended");
  }

  @Test
  void targetThatFailsIsAFailureAndTheNextOutputIsWhole() throws Exception {
    try (var wire = new Wire()) {
      OutputStream full =
          new OutputStream() {
            @Override
            public void write(int b) throws IOException {
              throw new IOException("full");
            }
          };
      var failed = wire.stream.expect(MARK, full);
      wire.says("0123456789abcdeftoo much0123456789abcdef");
      assertThatThrownBy(() -> failed.get(LIMIT, TimeUnit.SECONDS)).hasRootCauseMessage("full");

      var next = new ByteArrayOutputStream();
      var done = wire.stream.expect("fedcba9876543210".getBytes(), next);
      wire.says("fedcba9876543210nextfedcba9876543210");
      done.get(LIMIT, TimeUnit.SECONDS);
      assertThat(next).hasToString("next");
    }
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
}
