package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.qtest.client.QtestClient;
import java.io.BufferedReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `./portcullis qtest` as a test harness meets it, from either end.
class QtestIT {
  private static final long UNIT = 0xfed9_0000L;

  @TempDir private Path folder;

  @Test
  void itConnectsAsQemuDoes_andEndsWithItsPeer() throws Exception {
    Path socket = folder.resolve("qtest.sock");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(socket));
      Process program = Program.start("qtest", "--socket", socket.toString());
      try {
        try (QtestClient client = QtestClient.over(listener.accept())) {
          client.out(0xcf8, 4, 0x8000_0800L);
          assertThat(client.in(0xcfc, 4)).isEqualTo(0x0005_1b36L);
          assertThat(client.read(UNIT + 0x10, 8) >>> 43 & 1).as("scalable mode").isEqualTo(1);
        }
        assertThat(program.waitFor(Lab.COMMAND.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(program.exitValue()).isZero();
      } finally {
        Program.end(program);
      }
    }
  }

  @Test
  void itListens_andServesOnePeerAfterTheOtherOnTheMachineOfAFile() throws Exception {
    Path socket = folder.resolve("qtest.sock");
    Path machine = Lab.ROOT.resolve("examples/two-units.yaml");
    Process program =
        Program.start("qtest", "--listen", socket.toString(), "--machine", machine.toString());
    try (BufferedReader lines = program.inputReader()) {
      assertThat(Program.linesUpTo("qtest at", lines).getLast())
          .endsWith("1024 MiB; 00:05.0 nvme, 00:07.0 nvme, 00:06.0 edu");
      try (QtestClient first = QtestClient.connect(socket)) {
        first.write(0x20_0000, 8, 0x1122_3344_5566_7788L);
        first.flush();
      }
      try (QtestClient second = QtestClient.connect(socket)) {
        assertThat(second.read(0x20_0000, 8)).isEqualTo(0x1122_3344_5566_7788L);
        assertThat(second.read(UNIT, 4)).as("first unit").isEqualTo(0x10);
        assertThat(second.read(UNIT + 0x1000, 4)).as("second unit").isEqualTo(0x10);
      }
    } finally {
      Program.end(program);
    }
    assertThat(socket).doesNotExist();
  }
}
