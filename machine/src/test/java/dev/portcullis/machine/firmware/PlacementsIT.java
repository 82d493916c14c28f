package dev.portcullis.machine.firmware;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlacementsIT {
  @TempDir private Path folder;

  @Test
  void eachLayoutIsRememberedForItself() throws IOException {
    Placements placements = new Placements(folder.resolve("made/when/needed"));
    placements.store("small", Map.of("a", 0xfebf_1000L, "b", 0xfebf_2000L));
    placements.store("large", Map.of("a", 0xfe00_0000L));

    assertThat(placements.find("small")).contains(Map.of("a", 0xfebf_1000L, "b", 0xfebf_2000L));
    assertThat(placements.find("large")).contains(Map.of("a", 0xfe00_0000L));
    assertThat(placements.find("unseen")).isEmpty();
  }

  @Test
  void aDamagedMemoryIsNone() throws IOException {
    Placements placements = new Placements(folder);
    placements.store("layout", Map.of("a", 1L));
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.writeString(file, "nonsense\n");
      }
    }

    assertThat(placements.find("layout")).isEmpty();
    placements.store("layout", Map.of("a", 2L));
    assertThat(placements.find("layout")).contains(Map.of("a", 2L));
    assertThat(List.of(folder.toFile().list())).hasSize(1);
  }
}
