package dev.portcullis.qemu.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConsoleTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  @Test
  void aTextIsAwaitedWhereverItIsCut() throws Exception {
    var machine = new PipedOutputStream();
    var console = new Console(new PipedInputStream(machine));
    machine.write("Linux ver".getBytes());
    machine.flush();
    console.await("Linux", LONG);
    machine.write("sion 6.1\n".getBytes());
    machine.flush();

    console.await("version 6.1", LONG);

    assertThat(console.text()).isEqualTo("Linux version 6.1\n");
  }

  @Test
  void anEndWithoutTheTextIsAFailureThatShowsTheLastLines() throws Exception {
    var console = new Console(new ByteArrayInputStream("one\ntwo\n".getBytes()));

    assertThatThrownBy(() -> console.await("three", LONG))
        .isInstanceOf(QemuException.class)
        .hasMessageContaining("the machine ended")
        .hasMessageEndingWith("one\ntwo");
  }

  @Test
  void aListenerGetsEverythingWheneverItComes() throws Exception {
    var machine = new PipedOutputStream();
    var console = new Console(new PipedInputStream(machine));
    var heard = new ByteArrayOutputStream();
    machine.write(new byte[] {'a', (byte) 0xff});
    machine.flush();
    console.await("a", LONG);

    console.listen((bytes, count) -> heard.write(bytes, 0, count));
    machine.write("bc".getBytes());
    machine.close();
    console.awaitEnd(LONG);

    assertThat(heard.toByteArray()).containsExactly('a', 0xff, 'b', 'c');
  }

  @Test
  void whatIsTypedGoesToTheMachine() throws Exception {
    var keyboard = new ByteArrayOutputStream();
    var console = new Console(new ByteArrayInputStream(new byte[0]), keyboard);
    console.type("root\n".getBytes());
    assertThat(keyboard.toString()).isEqualTo("root\n");
  }

  @Test
  void aTimeLimitIsAFailure() throws Exception {
    var console = new Console(new PipedInputStream(new PipedOutputStream()));

    assertThatThrownBy(() -> console.await("x", Duration.ofMillis(1)))
        .isInstanceOf(QemuException.class);
  }

  @Test
  void aConsoleThatNeverStopsKeepsItsNewestText() throws Exception {
    var flood =
        new InputStream() {
          private long left = 40 << 20;

          @Override
          public int read() {
            return left-- > 0 ? '.' : -1;
          }
        };
    var console = new Console(flood);
    console.awaitEnd(LONG);

    assertThat(console.text().length()).isBetween(1 << 20, 8 << 20);
  }
}
