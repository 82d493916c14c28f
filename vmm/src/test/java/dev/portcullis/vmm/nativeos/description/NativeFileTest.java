package dev.portcullis.vmm.nativeos.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.vmm.nativeos.description.NativeExpectation.Bug;
import dev.portcullis.vmm.nativeos.description.NativeExpectation.Stray;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NativeFileTest {
  private static final Path EXAMPLES = Path.of(System.getProperty("portcullis.root"), "examples");

  private static final String FILE =
      """
      memory: 128M
      units:
        - {id: dmar0, at: 00:01.0, profile: scalable}
      devices:
        - {name: disk, type: nvme, at: 00:04.0, size: 64M}
        - {name: card, type: edu, at: 00:05.0, dma-bits: 32}
      native:
        high-memory: 64M
        drivers:
          - {name: nvme, device: disk}
          - {name: cards, device: card}
      expect:
        - {does: stray, driver: cards, bug: overrun, bytes: 512}
        - {does: compare, driver: cards, bytes: 1M}
        - {does: disk, driver: nvme, bytes: 1M}
      """;

  private static NativeDescription parse(String yaml) throws MachineFileException {
    return NativeFile.parse("file", Path.of(""), yaml);
  }

  @Test
  void readsDriversAndExpectations() throws Exception {
    NativeDescription platform = parse(FILE);
    assertThat(platform.highBytes()).isEqualTo(64 << 20);
    assertThat(platform.drivers()).extracting(one -> one.addressBits()).containsExactly(64, 32);
    assertThat(platform.steps().getFirst().atOnce())
        .containsExactly(new Stray("cards", Bug.OVERRUN, 512));
  }

  @Test
  void knowsItsFilesFromOthers() throws Exception {
    assertThat(NativeFile.isNative(EXAMPLES.resolve("native-driver-isolation.yaml"))).isTrue();
    assertThat(NativeFile.isNative(EXAMPLES.resolve("client-platform.yaml"))).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          device: card}              | device: cart}        | there is no device "cart"; known here are disk, card
          device: card}              | device: disk}        | 00:04.0 has a driver already
          name: cards                | name: nvme           | there is a driver "nvme" already
          name: cards                | name: Cards          | "Cards" is not a name
          high-memory: 64M           | high-memory: 100     | up to 64 GiB, in steps of 1 MiB
          high-memory: 64M           | high-memory: 0       | set native.high-memory to 4M or more
          dma-bits: 32               | dma-bits: 40         | set its dma-bits to 32
          bug: overrun               | bug: overron         | overrun
          bytes: 512                 | bytes: 5000          | 5000 is not a whole number from 1 to 2048
          does: disk, driver: nvme   | does: disk, driver: cards | of another type
          bytes: 1M}                 | bytes: 1K}           | 1 MiB to 1 GiB
          native:                    | nativ:               | "native" is missing
          memory: 128M               | partitions: []       | there is no such key
          """)
  void saysWhatIsWrong(String right, String wrong, String reason) {
    assertThatThrownBy(() -> parse(FILE.replace(right, wrong)))
        .isInstanceOf(MachineFileException.class)
        .hasMessageContaining("file:")
        .hasMessageContaining(reason);
  }
}
