package dev.portcullis.management.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.management.boot.VerifiedBootDescription.VerifiedPartition;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.vmm.platform.description.PartitionDescription;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProvisionedTest {
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices: [{name: spare, type: nvme, at: 00:05.0, size: 16M}]
      partitions:
        - {name: services, memory: 32M, runs: bridge}
      """;

  private static final String KIOSK =
      """
      partition: {name: %s, memory: %s, runs: client, link: services, devices: [%s]}
      boot: {manifest: kiosk.manifest, images: [{disk: spare, file: safe.img}]}
      """;

  @TempDir private Path folder;
  private Path state;
  private StateStore store;
  private PlatformDescription platform;

  @BeforeEach
  void open() throws Exception {
    state = folder.resolve("state");
    store = StateStore.open(state);
    platform = PlatformFile.parse("platform.yaml", folder, PLATFORM);
  }

  private void keep(String name, String memory, String device) throws Exception {
    Provisioned.keep(store, name, name + ".yaml", folder, KIOSK.formatted(name, memory, device));
  }

  private Provisioned load() {
    return Provisioned.load(state, platform);
  }

  @Test
  void whatWasKeptComesWithItsManifestAndItsCable() throws Exception {
    keep("kiosk", "32M", "spare");

    Provisioned loaded = load();

    assertThat(loaded.troubles()).isEmpty();
    assertThat(loaded.platform().partitions())
        .extracting(PartitionDescription::name)
        .containsExactly("services", "kiosk");
    assertThat(loaded.platform().links().getFirst().other()).isEqualTo("services");
    assertThat(loaded.verified())
        .singleElement()
        .extracting(VerifiedPartition::manifest)
        .isEqualTo(folder.resolve("kiosk.manifest"));
    assertThat(loaded.platform().without("kiosk")).isEqualTo(platform);
  }

  @Test
  void whatCannotBeHadAnyMoreIsLeftOutAndTold() throws Exception {
    keep("a-large-one", "512M", "spare");
    keep("kiosk", "32M", "spare");
    keep("taped", "16M", "tape");

    Provisioned loaded = load();

    assertThat(loaded.platform().partitions()).hasSize(2);
    assertThat(loaded.troubles())
        .satisfiesExactly(
            one -> assertThat(one).startsWith("partition a-large-one is not there: a-large-one.ya"),
            one -> assertThat(one).contains("there is no device \"tape\""));
  }

  @Test
  void whatIsDamagedIsLeftOutAndTold() throws Exception {
    keep("kiosk", "32M", "spare");
    Path file = state.resolve("provision.kiosk.state");
    Files.writeString(file, Files.readString(file).replace("client", "bridge"));

    assertThat(load().platform()).isEqualTo(platform);
    assertThat(load().troubles()).singleElement().asString().contains("is damaged");
  }

  @Test
  void withoutStateNothingHasCome() throws Exception {
    assertThat(load()).isEqualTo(Provisioned.load(folder.resolve("nowhere"), platform));
    assertThat(load().platform()).isEqualTo(platform);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "boot: {} | kiosk.yaml:1: \"partition\" is missing",
        "partition: {name: services, runs: client} | there is a partition \"services\" already",
        "{partition: {name: kiosk, runs: client}, boot: {}} | boot: \"manifest\" is missing",
        "{partition: {name: kiosk, runs: client}, colour: red} | colour: there is no such key"
      })
  void whatMakesNoSenseIsRefused(String yaml, String reason) {
    assertThatThrownBy(() -> ProvisionFile.parse("kiosk.yaml", folder, yaml, platform))
        .isInstanceOf(MachineFileException.class)
        .hasMessageContaining(reason);
  }
}
