package dev.portcullis.vmm.engine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.vmm.engine.ConsoleLog.Portion;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConsoleLogTest {
  private final ConsoleLog log = new ConsoleLog(16);
  private final byte[] into = new byte[64];

  private void write(String text) {
    log.append(text.getBytes(ISO_8859_1), text.length());
  }

  private String read(long position) throws InterruptedException {
    Portion portion = log.read(position, into);
    return new String(into, 0, portion.count(), ISO_8859_1);
  }

  @Test
  void keepsTheNewest() {
    write("0123456789");
    write("abcdefghij");
    assertThat(log.text()).isEqualTo("456789abcdefghij");
    assertThat(log.start()).isEqualTo(4);
    assertThat(log.end()).isEqualTo(20);
  }

  @Test
  void takesMoreAtOnceThanItKeeps() {
    write("x");
    write("0123456789abcdefghijklmnop");
    assertThat(log.text()).isEqualTo("abcdefghijklmnop");
    assertThat(log.end()).isEqualTo(27);
  }

  @Test
  void readerThatComesBackMissesNothingThatIsKept() throws Exception {
    write("before ");
    Portion first = log.read(0, into);
    write("while away");
    assertThat(read(first.next())).isEqualTo("while away");
  }

  @Test
  void readerThatIsTooSlowGoesOnWithTheOldestThatIsKept() throws Exception {
    write("0123456789");
    Portion first = log.read(0, into);
    write("abcdefghijklmnopqrst");
    Portion second = log.read(first.next(), into);
    assertThat(second).isEqualTo(new Portion(30, 16));
    assertThat(second.next() - second.count()).as("where it goes on").isEqualTo(14);
  }

  @Test
  void nothingMoreComesAfterTheEnd() throws Exception {
    write("last");
    log.close();
    assertThat(read(0)).isEqualTo("last");
    assertThat(log.read(4, into).count()).isZero();
    assertThat(log.await("more", 0, Duration.ofDays(1))).isFalse();
  }

  @Test
  void awaitsTextThatComesInPieces() throws Exception {
    Thread writer =
        Thread.startVirtualThread(() -> {
          write("log");
          write("in:");
        });
    assertThat(log.await("login:", 0, Duration.ofSeconds(30))).isTrue();
    writer.join();
  }

  @Test
  void awaitsOnlyWhatComesBehindThePosition() throws Exception {
    write("ready ");
    assertThat(log.await("ready", log.end(), Duration.ZERO)).isFalse();
    assertThat(log.await("ready", 0, Duration.ZERO)).isTrue();
  }

  @Test
  void tailsTheLastLines() {
    log.line("one");
    log.line("two");
    log.line("three");
    assertThat(log.tail(2)).isEqualTo("two\nthree");
  }
}
