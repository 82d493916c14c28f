package dev.portcullis.machine.qtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.qtest.server.QtestSession;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Whatever somebody writes wherever something answers, each line gets one answer.
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BareMachinePropertyTest {
  private static final long SEED = 0x71e5_7000L;
  private static final int LINES = 40_000;

  private static final long[] PLACES = {
    0,
    0x9_fff8L,
    0xa_0000L,
    0x10_0000L,
    (512L << 20) - 8,
    512L << 20,
    0xb000_0000L,
    0xb000_8000L,
    0xb001_0000L,
    0xfe00_0000L,
    0xfe10_0000L,
    0xfe10_0080L,
    0xfed9_0000L,
    0xfed9_0080L,
    0xfed9_0200L,
    0xfed9_0f00L,
    0xfee0_0000L,
    0xffff_fff8L,
    1L << 32,
    1L << 47,
    Long.MAX_VALUE - 7,
    Long.MIN_VALUE,
    -8
  };

  private final SplittableRandom random = new SplittableRandom(SEED);

  @Test
  void eachLineGetsOneAnswer() throws Exception {
    StringBuilder text = new StringBuilder();
    text.append("outl 0xcf8 0x80000810\noutl 0xcfc 0xfe000000\n");
    text.append("outl 0xcf8 0x80000804\noutl 0xcfc 6\n");
    text.append("outl 0xcf8 0x80001010\noutl 0xcfc 0xfe100000\n");
    text.append("outl 0xcf8 0x80001004\noutl 0xcfc 6\n");
    text.append("outl 0xcf8 0x80000060\noutl 0xcfc 0xb0000001\nirq_intercept_in msi\n");
    long lines = text.chars().filter(c -> c == '\n').count();
    for (int i = 0; i < LINES; i++) {
      text.append(line()).append('\n');
    }

    Peer peer = new Peer(text.toString().getBytes(StandardCharsets.ISO_8859_1));
    try (BareMachine machine = BareMachine.of(MachineFile.qtest(), Path.of(""))) {
      QtestSession.serve(peer, machine);
    }

    List<String> answers =
        peer.output
            .toString(StandardCharsets.ISO_8859_1)
            .lines()
            .filter(line -> !line.startsWith("IRQ "))
            .toList();
    assertThat(answers).as("seed %#x", SEED).hasSize(LINES + (int) lines);
    assertThat(answers).allMatch(line -> line.matches("(OK|FAIL|ERR)( .*)?"));
  }

  private String line() {
    return switch (random.nextInt(12)) {
      case 0, 1, 2, 3 -> "write%c %#x %#x".formatted(width(), place(), value());
      case 4, 5, 6 -> "read%c %#x".formatted(width(), place());
      case 7 -> "out%c %#x %#x".formatted(narrow(), 0xcf4 + random.nextInt(16), port());
      case 8 -> "in%c %#x".formatted(narrow(), 0xcf4 + random.nextInt(16));
      case 9 -> "read %#x %d".formatted(place(), random.nextInt(5000));
      case 10 -> "memset %#x %d %#x".formatted(place(), random.nextInt(3000), random.nextInt(256));
      default -> random.nextBoolean() ? "clock_step" : "clock_step " + random.nextInt(1 << 28);
    };
  }

  private char width() {
    return "bwlq".charAt(random.nextInt(4));
  }

  private char narrow() {
    return "bwl".charAt(random.nextInt(3));
  }

  private long place() {
    return PLACES[random.nextInt(PLACES.length)] + random.nextInt(random.nextBoolean() ? 64 : 4096);
  }

  /// The test device may be asked for gigabytes, but not a thousand times.
  private long value() {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextLong(1 << 16);
      case 1 -> place();
      case 2 -> 1L << random.nextInt(24);
      default -> random.nextInt(1 << 20);
    };
  }

  /// Configuration addresses of what there is, mostly.
  private long port() {
    return random.nextBoolean()
        ? 0x8000_0000L | (long) random.nextInt(4) << 11 | random.nextInt(256)
        : random.nextLong(1L << 32);
  }

  /// A peer that has sent everything already, and hangs up.
  private static final class Peer implements ByteChannel {
    private final ByteBuffer input;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    Peer(byte[] input) {
      this.input = ByteBuffer.wrap(input);
    }

    @Override
    public int read(ByteBuffer into) {
      if (!input.hasRemaining()) {
        return -1;
      }
      int count = Math.min(input.remaining(), into.remaining());
      into.put(input.slice(input.position(), count));
      input.position(input.position() + count);
      return count;
    }

    @Override
    public int write(ByteBuffer from) {
      byte[] bytes = new byte[from.remaining()];
      from.get(bytes);
      output.writeBytes(bytes);
      return bytes.length;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
