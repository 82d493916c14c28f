package dev.portcullis.vmm.engine.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.qemu.install.QemuInstallation;
import dev.portcullis.qemu.install.QemuVersion;
import dev.portcullis.vmm.engine.BootRefusedException;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.interrupt.InterruptRouter;
import dev.portcullis.vmm.memory.PageRange;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With programs that are no QEMU. What it does with a real one: system tests.
class QemuEngineTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final PageRange WINDOW = new PageRange(0, 1 << 20);

  @TempDir private Path folder;
  private Path sockets;
  private QemuEngine engine;

  @BeforeEach
  void makeFolder() throws Exception {
    sockets = Files.createDirectory(folder.resolve("s"));
  }

  @AfterEach
  void close() {
    if (engine != null) {
      engine.close();
      assertThat(sockets).doesNotExist();
    }
  }

  private QemuEngine engine(String script) throws Exception {
    return engine(script, line -> line);
  }

  private QemuEngine engine(String script, QemuPlan.BootLine boot) throws Exception {
    QemuInstallation program =
        new QemuInstallation(
            List.of("/bin/sh", "-c", script), Map.of(), new QemuVersion(11, 1, 3), "");
    Path memory = Files.write(folder.resolve("memory"), new byte[1 << 20]);
    engine =
        QemuEngine.open(
            "user",
            QemuPlan.of(program, memory, WINDOW, sockets, boot),
            new InterruptRouter(),
            Optional.empty());
    return engine;
  }

  @Test
  void programThatEndsAtOnceIsAFailureInItsOwnWords() throws Exception {
    engine("echo no such machine >&2; exit 3");

    assertThatThrownBy(() -> engine.start(LONG))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("QEMU ended with code 3: no such machine");

    assertThat(engine.state().phase()).isEqualTo(Phase.FAILED);
    assertThat(engine.state().reason().orElseThrow()).contains("no such machine");
  }

  @Test
  void programThatHangsIsAFailureWithinTheLimit() throws Exception {
    engine("exec sleep 1000");

    assertThatThrownBy(() -> engine.start(Duration.ofMillis(200)))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("QEMU did not start within");

    assertThat(engine.state().phase()).isEqualTo(Phase.FAILED);
    engine.kill();
    assertThat(engine.state()).isEqualTo(EngineState.of(Phase.OFF));
  }

  @Test
  void whatIsRefusedIsNotEvenStarted() throws Exception {
    Path trace = folder.resolve("trace");
    engine(
        "touch " + trace,
        line -> {
          throw new BootRefusedException("not booted: kernel is another");
        });

    assertThatThrownBy(() -> engine.start(LONG)).isInstanceOf(BootRefusedException.class);

    assertThat(engine.state())
        .isEqualTo(EngineState.of(Phase.FAILED, "not booted: kernel is another"));
    assertThat(engine.process()).isEmpty();
    assertThat(trace).doesNotExist();
  }

  @Test
  void killWhileItIsLookedAtPreventsTheStart() throws Exception {
    Path trace = folder.resolve("trace");
    engine(
        "touch " + trace,
        line -> {
          engine.kill();
          return line;
        });

    assertThatThrownBy(() -> engine.start(LONG)).hasMessage("partition user is off");

    assertThat(engine.state()).isEqualTo(EngineState.of(Phase.OFF));
    assertThat(trace).doesNotExist();
  }

  @Test
  void programThatIsMissingIsAFailure() throws Exception {
    engine("exec /nowhere/qemu");
    assertThatThrownBy(() -> engine.start(LONG)).isInstanceOf(EngineException.class);
    assertThat(engine.state().phase()).isEqualTo(Phase.FAILED);
  }

  @Test
  void whatIsOffCannotBeSteered() throws Exception {
    engine("exit 0");
    assertThatThrownBy(() -> engine.pause(LONG)).hasMessage("cannot pause: it is off");
    assertThatThrownBy(() -> engine.resume(LONG)).hasMessage("cannot resume: it is off");
    assertThatThrownBy(() -> engine.reset(LONG)).hasMessage("cannot reset: it is off");
    assertThatThrownBy(() -> engine.halt("why", LONG)).hasMessage("cannot halt: it is off");
    assertThatThrownBy(() -> engine.powerDown(LONG)).hasMessage("cannot power down: it is off");
    assertThatThrownBy(() -> engine.console().orElseThrow().type("x"))
        .hasMessage("partition user takes nothing: it is off");
    engine.kill();
    assertThat(engine.state()).isEqualTo(EngineState.of(Phase.OFF));
    assertThat(engine.process()).isEmpty();
  }

  @Test
  void windowsAreWholeMebibytesAndEndBelowTheDevices() {
    for (long bytes : new long[] {4096, (2L << 30) + (1 << 20)}) {
      assertThatThrownBy(
              () -> QemuPlan.of(null, folder, new PageRange(0, bytes), folder, line -> line))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
