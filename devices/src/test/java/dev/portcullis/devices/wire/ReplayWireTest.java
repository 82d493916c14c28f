package dev.portcullis.devices.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.devices.FakeHost;
import dev.portcullis.net.pcapng.CapturedFrame;
import dev.portcullis.net.pcapng.Direction;
import dev.portcullis.net.pcapng.PcapngWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayWireTest {
  @TempDir private Path folder;

  private Path capture(long... timestampsNanos) throws IOException {
    Path file = folder.resolve("in.pcapng");
    try (var writer = new PcapngWriter(Files.newOutputStream(file), List.of("nic"))) {
      for (int i = 0; i < timestampsNanos.length; i++) {
        byte[] frame = new byte[60 + i];
        frame[59 + i] = (byte) i;
        writer.write(CapturedFrame.of(0, timestampsNanos[i], Direction.INBOUND, frame));
      }
    }
    return file;
  }

  @Test
  void framesComeOutOnceTheCardHasSpoken() throws Exception {
    BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
    try (ReplayWire wire = new ReplayWire(capture(5_000_000, 5_000_100, 4_000_000))) {
      wire.connect(received::add);
      assertThat(received).isEmpty();
      wire.send(new byte[60]);
      for (int i = 0; i < 3; i++) {
        assertThat(received.poll(20, TimeUnit.SECONDS)).hasSize(60 + i).endsWith(i);
      }
    }
    assertThat(received).isEmpty();
  }

  @Test
  void aFileThatEndsInTheMiddleEndsTheReplay() throws Exception {
    Path file = capture(0, 0);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 10));
    BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
    try (ReplayWire wire = new ReplayWire(file)) {
      wire.connect(received::add);
      wire.send(new byte[60]);
      FakeHost.await("an end", () -> !wire.problem().isEmpty());
    }
    assertThat(received).hasSize(1);
  }

  @Test
  void aLongPauseEndsWhenTheWireIsGivenUp() throws Exception {
    BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
    try (ReplayWire wire = new ReplayWire(capture(0, Long.MAX_VALUE / 2))) {
      wire.connect(received::add);
      wire.send(new byte[60]);
      assertThat(received.poll(20, TimeUnit.SECONDS)).hasSize(60);
    }
    assertThat(received).isEmpty();
  }

  @Test
  void aFileThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> new ReplayWire(folder.resolve("none")))
        .isInstanceOf(IOException.class);
  }
}
