package dev.portcullis.vmm.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class EventSinksIT {
  private static final SyslogFormat SYSLOG = new SyslogFormat("lab", "1");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final EventSource source = SampleEvents.source();
  @TempDir private Path folder;

  private static InetSocketAddress local(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  @Test
  void eventsGoOutAsDatagrams() throws Exception {
    try (DatagramSocket receiver = new DatagramSocket(local(0));
        SyslogUdp sink = new SyslogUdp(local(receiver.getLocalPort()), SYSLOG)) {
      sink.accept(SampleEvents.refused(source, "first"));
      sink.accept(SampleEvents.refused(source, "€".repeat(1000)));
      DatagramPacket packet = new DatagramPacket(new byte[65536], 65536);
      receiver.receive(packet);
      assertThat(parsed(packet).text()).isEqualTo("first");
      packet.setLength(65536);
      receiver.receive(packet);
      assertThat(packet.getLength()).isBetween(2000, 2048);
      assertThat(parsed(packet).text()).startsWith("€€€");
    }
  }

  private static SyslogParser.Message parsed(DatagramPacket packet) {
    return SyslogParser.parse(Arrays.copyOf(packet.getData(), packet.getLength()));
  }

  /// One message with its length in front.
  private static SyslogParser.Message receive(InputStream in) throws IOException {
    int length = 0;
    for (int c = in.read(); c != ' '; c = in.read()) {
      assertThat(c).as("digit").isBetween((int) '0', (int) '9');
      length = 10 * length + c - '0';
    }
    byte[] message = in.readNBytes(length);
    assertThat(message).hasSize(length);
    return SyslogParser.parse(message);
  }

  @Test
  void eventsGoOutOverTcp_toTheNextReceiverWhenOneHasGone() throws Exception {
    int port;
    SyslogTcp sink;
    try (ServerSocket listening = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      port = listening.getLocalPort();
      sink = new SyslogTcp(local(port), SYSLOG, PATIENCE);
      sink.accept(SampleEvents.refused(source, "one\ntwo"));
      sink.accept(SampleEvents.refused(source, "three"));
      try (Socket receiver = listening.accept()) {
        assertThat(receive(receiver.getInputStream()).text()).isEqualTo("one#012two");
        assertThat(receive(receiver.getInputStream()).text()).isEqualTo("three");
      }
      sink.accept(SampleEvents.refused(source, "four"));
      try (Socket receiver = listening.accept()) {
        assertThat(receive(receiver.getInputStream()).text()).isEqualTo("four");
      }
    }
    assertThatThrownBy(() -> sink.accept(SampleEvents.refused(source)))
        .isInstanceOf(IOException.class);
    try (ServerSocket listening = new ServerSocket(port, 5, InetAddress.getLoopbackAddress())) {
      sink.accept(SampleEvents.refused(source, "five"));
      try (Socket receiver = listening.accept()) {
        assertThat(receive(receiver.getInputStream()).text()).isEqualTo("five");
      }
    }
    sink.close();
  }

  @Test
  void aReceiverThatReadsNothingIsGivenUpInTime() throws Exception {
    try (ServerSocket listening = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        SyslogTcp sink =
            new SyslogTcp(local(listening.getLocalPort()), SYSLOG, Duration.ofMillis(50))) {
      Event event = SampleEvents.refused(source, "x".repeat(1024));
      assertThatThrownBy(
              () -> {
                while (true) {
                  sink.accept(event);
                }
              })
          .isInstanceOf(IOException.class)
          .hasMessageContaining("takes nothing for 50 ms");
    }
  }

  @Test
  void aDeadReceiverHoldsNobodyUp() throws Exception {
    int nobody;
    try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = gone.getLocalPort();
    }
    Path file = folder.resolve("events.jsonl");
    try (EventBus bus =
        new EventBus(
            source, new EventBus.Limits(2_000, Duration.ofMillis(1), Duration.ofMillis(5)))) {
      bus.add(new SyslogTcp(local(nobody), SYSLOG, PATIENCE));
      bus.add(FileSink.cloudEvents(file));
      bus.add(FileSink.syslog(Path.of("/dev/full"), SYSLOG));
      for (int i = 0; i < 1_000; i++) {
        bus.publish(SampleEvents.refused(source));
      }
      bus.close(Duration.ofMillis(500));
      List<SinkStatus> status = bus.status();
      assertThat(status.get(0).delivered()).isZero();
      assertThat(status.get(0).lost()).isEqualTo(1_000);
      assertThat(status.get(2).trouble()).as("a full disk").isPresent();
      assertThat(status.get(2).lost()).isEqualTo(1_000);
    }
    assertThat(Files.readAllLines(file)).hasSize(1_000);
  }

  @Test
  void filesHaveALinePerEvent_andGoOnWhereTheyEnded() throws Exception {
    Path json = folder.resolve("events.jsonl");
    Path syslog = folder.resolve("syslog");
    for (int run = 0; run < 2; run++) {
      try (FileSink one = FileSink.cloudEvents(json);
          FileSink other = FileSink.syslog(syslog, SYSLOG)) {
        for (int i = 0; i < 3; i++) {
          Event event = SampleEvents.refused(source, "line\nfeed");
          one.accept(event);
          other.accept(event);
        }
      }
    }
    JsonMapper mapper = JsonMapper.builder().build();
    assertThat(Files.readAllLines(json))
        .hasSize(6)
        .allSatisfy(line ->
            assertThat(mapper.readTree(line).at("/data/message").asString())
                .isEqualTo("line\nfeed"));
    assertThat(Files.readAllLines(syslog))
        .hasSize(6)
        .allSatisfy(line ->
            assertThat(SyslogParser.parse(line.getBytes("UTF-8")).text())
                .isEqualTo("line#012feed"));
  }

  @Test
  void aFullDiskTakesNoHalfLine() throws Exception {
    try (LineFile full = LineFile.open(Path.of("/dev/full"))) {
      assertThatThrownBy(() -> full.append(new byte[10])).isInstanceOf(IOException.class);
      assertThat(full.bytes()).isZero();
    }
  }
}
