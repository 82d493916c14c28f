package dev.portcullis.management.integrity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.management.ManagementFile;
import dev.portcullis.management.integrity.IntegrityDescription.Kernel;
import dev.portcullis.management.integrity.IntegrityDescription.Watched;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.partition.Guard;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntegrityFileTest {
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      partitions:
        - {name: user, memory: 16M, runs: client}
        - {name: linux, memory: 16M, runs: client, engine: qemu}
      """;

  private static IntegrityDescription read(String partitions) throws MachineFileException {
    return ManagementFile.parse(
            "test.yaml",
            Path.of("/"),
            "state: /s\nintegrity:\n  partitions: [%s]\n".formatted(partitions),
            PlatformFile.parse("platform.yaml", Path.of("/"), PLATFORM))
        .integrity()
        .orElseThrow();
  }

  @Test
  void rangesAreReadWithWhatTheyMustBe() throws Exception {
    String digest = "0123456789abcdef".repeat(4);
    IntegrityDescription description =
        read(
            "{name: user, deny-cpu-writes: true, ranges: [{name: kernel text, at: 1M, size: 64K},"
                + " {name: tables, at: 2M, size: 4K, sha256: %s}]}".formatted(digest));

    assertThat(description.cpuPercent()).isEqualTo(5);
    Watched user = description.partitions().getFirst();
    assertThat(user.guard()).isEqualTo(Guard.EVERYBODY);
    assertThat(user.ranges())
        .containsExactly(
            new WatchedRange("kernel text", new PageRange(1 << 20, 64 << 10), Optional.empty()),
            new WatchedRange("tables", new PageRange(2 << 20, 4096), Optional.of(digest)));
  }

  @Test
  void aLinuxHasItsKernelLookedFor() throws Exception {
    Watched linux = read("{name: linux, kernel: linux}").partitions().getFirst();
    assertThat(linux.kernel()).isEqualTo(Kernel.LINUX);
    assertThat(linux.ranges()).isEmpty();
    assertThat(linux.guard()).isEqualTo(Guard.DEVICES);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {name: nobody, ranges: [{name: a, at: 0, size: 4K}]} | there is no partition nobody
          {name: user}                                         | "ranges": 1 to 64 are needed
          {name: user, ranges: [{name: a, at: 1, size: 4K}]}   | a multiple of 4 KiB below 16 MiB
          {name: user, ranges: [{name: a, at: 16M, size: 4K}]} | a multiple of 4 KiB below 16 MiB
          {name: user, ranges: [{name: a, at: 8M, size: 9M}]}  | a multiple of 4 KiB, up to 8 MiB
          {name: user, ranges: [{name: a, at: 8M, size: 0}]}   | a multiple of 4 KiB, up to 8 MiB
          {name: user, ranges: [{name: "a\\e", at: 0, size: 4K}]} | up to 63 letters
          {name: user, ranges: [{name: a, at: 0, size: 4K, sha256: AB}]} | a SHA-256 is 64
          {name: user, ranges: [{name: a, at: 0, size: 8K}, {name: b, at: 4K, size: 4K}]} | it overlaps "a"
          {name: linux, deny-cpu-writes: true, ranges: [{name: a, at: 0, size: 4K}]} | only an embedded
          {name: user, kernel: linux}                          | an embedded partition has none
          {name: user, rangs: []}                              | 1 to 64 are needed
          """)
  void whatMakesNoSenseIsRefusedWithItsPlace(String partition, String reason) {
    assertThatThrownBy(() -> read(partition))
        .isInstanceOf(MachineFileException.class)
        .hasMessageStartingWith("test.yaml:")
        .hasMessageContaining("integrity.partitions[0]")
        .hasMessageContaining(reason);
  }
}
