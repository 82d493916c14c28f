package dev.portcullis.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparseFileIT {
  private static final int PAGE = 4096;

  @TempDir Path dir;

  private Path ones(int pages) throws IOException {
    byte[] content = new byte[pages * PAGE];
    Arrays.fill(content, (byte) 1);
    return Files.write(dir.resolve("disk"), content);
  }

  @Test
  void aHoleReadsAsZeroesAndLeavesTheRest() throws IOException {
    Path disk = ones(4);
    try (SparseFile file = SparseFile.open(disk)) {
      assertThat(file.punchHole(PAGE, 2 * PAGE)).isTrue();
    }
    byte[] now = Files.readAllBytes(disk);
    assertThat(now).hasSize(4 * PAGE);
    assertThat(now[PAGE - 1]).isEqualTo((byte) 1);
    assertThat(Arrays.copyOfRange(now, PAGE, 3 * PAGE)).containsOnly(0);
    assertThat(now[3 * PAGE]).isEqualTo((byte) 1);
  }

  @Test
  void theFileKeepsItsLengthWhenItsEndBecomesAHole() throws IOException {
    Path disk = ones(2);
    try (SparseFile file = SparseFile.open(disk)) {
      file.punchHole(PAGE, 8 * PAGE);
    }
    assertThat(Files.size(disk)).isEqualTo(2 * PAGE);
  }

  @Test
  void aFileThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> SparseFile.open(dir.resolve("absent")))
        .isInstanceOfSatisfying(
            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
  }

  @Test
  void aPathThatDoesNotFitIsRefused() {
    Path endless = Path.of("/" + "x".repeat(Scratch.ROOM_BYTES));
    assertThatThrownBy(() -> SparseFile.open(endless))
        .isInstanceOfSatisfying(
            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENAMETOOLONG));
  }
}
