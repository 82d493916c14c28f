package dev.portcullis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressLinesTest {
  private final StringWriter err = new StringWriter();

  @Test
  void awayFromATerminalEachStepIsALine() {
    try (ProgressLines progress = new ProgressLines(new PrintWriter(err), false)) {
      progress.report("qemu: download", 0);
      progress.report("qemu: download", 0.5);
      progress.report("qemu: unpack", 0);
    }

    assertThat(err.toString().lines())
        .containsExactly("portcullis: qemu: download", "portcullis: qemu: unpack");
  }

  @Test
  void onATerminalABarMovesAndIsClearedAway() {
    try (ProgressLines progress = new ProgressLines(new PrintWriter(err), true)) {
      progress.report("qemu: download", 0.5);
      progress.report("qemu: download", 0.501);
    }

    assertThat(err.toString())
        .isEqualTo("\r\u001b[K[############............] qemu: download\r\u001b[K");
  }
}
