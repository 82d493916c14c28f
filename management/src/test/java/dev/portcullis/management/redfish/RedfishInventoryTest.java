package dev.portcullis.management.redfish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.portcullis.management.inventory.AssetInventory;
import dev.portcullis.management.inventory.ImageItem;
import dev.portcullis.vmm.platform.PlatformInventory;
import dev.portcullis.vmm.platform.PlatformInventory.CardItem;
import dev.portcullis.vmm.platform.PlatformInventory.DiskItem;
import dev.portcullis.vmm.platform.PlatformInventory.FunctionItem;
import dev.portcullis.vmm.platform.PlatformInventory.SystemItem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What a platform has is listed, and Redfish lists the same.
@Timeout(120)
class RedfishInventoryTest {
  @TempDir private Path folder;
  private TestSite site;
  private RedfishClient client;

  @BeforeEach
  void start() throws Exception {
    TestSite.make(folder);
    site = TestSite.start(folder, "");
    client = site.client("reader");
  }

  @AfterEach
  void stop() {
    site.close();
  }

  private AssetInventory inventory() {
    return AssetInventory.of(site.platform(), Optional.of(site.services().boot()));
  }

  @Test
  void everythingIsThere() {
    PlatformInventory all = inventory().platform();
    assertThat(all.memoryBytes()).isEqualTo(128 << 20);
    assertThat(all.units()).singleElement().satisfies(unit -> assertThat(unit.mode()).isNotEmpty());
    assertThat(all.systems())
        .extracting(SystemItem::name, SystemItem::role, SystemItem::memoryBytes)
        .containsExactly(
            tuple("user", "client", 16L << 20),
            tuple("services", "bridge", 32L << 20),
            tuple("other", "client", 16L << 20));
    assertThat(all.functions())
        .extracting(FunctionItem::name, FunctionItem::vendor, FunctionItem::partition)
        .containsExactlyInAnyOrder(
            tuple("nic", "1af4", "services"),
            tuple("disk", "1234", "user"),
            tuple("spare", "1234", ""));
    DiskItem disk = all.disks().getFirst();
    assertThat(disk.serial()).isEqualTo("PORTCULLIS-00-04.0");
    assertThat(disk.bytes()).isEqualTo(1 << 20);
    assertThat(disk.partition()).isEqualTo("user");
    assertThat(all.cards())
        .extracting(CardItem::partition, CardItem::kind)
        .containsExactlyInAnyOrder(
            tuple("services", "function"), tuple("services", "virtual"), tuple("user", "virtual"));
    assertThat(all.cards()).extracting(CardItem::mac).doesNotHaveDuplicates();
    assertThat(all.cards()).allMatch(card -> card.mac().matches("02(:[0-9a-f]{2}){5}"));
  }

  @Test
  void whatWasMeasuredIsListedAndWhatItShouldBe() throws Exception {
    List<ImageItem> images = inventory().images();
    assertThat(images)
        .singleElement()
        .satisfies(image -> {
          assertThat(image.what()).isEqualTo("disk disk");
          assertThat(image.manifest()).isEqualTo("same");
          assertThat(image.manifestVersion()).isEqualTo("1");
          assertThat(image.verdict()).isEqualTo("admitted");
          assertThat(image.digest()).matches("[0-9a-f]{64}");
        });
    String path = "/redfish/v1/UpdateService/SoftwareInventory/user-disk-disk";
    JsonNode shown = client.get(path).json();
    assertThat(shown.at("/Oem/Portcullis/Digest").asString(""))
        .isEqualTo(images.getFirst().digest());
    assertThat(shown.path("Version").asString("")).isEqualTo("1");

    site.platform().partition("user").client().orElseThrow().disk(64 << 10, Duration.ofSeconds(10));
    site.client("operator")
        .post(TestSite.USER + "/Actions/ComputerSystem.Reset", "{\"ResetType\":\"ForceRestart\"}");
    ImageItem after = inventory().images().getFirst();
    assertThat(after.manifest()).isEqualTo("different");
    assertThat(after.verdict()).isEqualTo("refused");
    assertThat(after.digest()).isNotEqualTo(images.getFirst().digest());
  }

  @Test
  void redfishListsTheSame() throws Exception {
    PlatformInventory all = inventory().platform();
    for (DiskItem disk : all.disks()) {
      JsonNode drive = client.get("/redfish/v1/Chassis/Machine/Drives/" + disk.name()).json();
      assertThat(drive.path("SerialNumber").asString("")).isEqualTo(disk.serial());
      assertThat(drive.path("Model").asString("")).isEqualTo(disk.model());
      assertThat(drive.path("CapacityBytes").asLong(0)).isEqualTo(disk.bytes());
    }
    for (FunctionItem function : all.functions()) {
      JsonNode shown =
          client
              .get(
                  "/redfish/v1/Chassis/Machine/PCIeDevices/%s/PCIeFunctions/1"
                      .formatted(function.at().replace(':', '-')))
              .json();
      assertThat(shown.path("VendorId").asString(""))
          .isEqualToIgnoringCase("0x" + function.vendor());
      assertThat(shown.path("DeviceId").asString(""))
          .isEqualToIgnoringCase("0x" + function.device());
    }
    for (SystemItem system : all.systems()) {
      String path = "/redfish/v1/Systems/%s/EthernetInterfaces".formatted(system.name());
      List<String> shown =
          client.get(path).json().path("Members").findValuesAsString("@odata.id").stream()
              .map(this::mac)
              .toList();
      assertThat(shown)
          .containsExactlyInAnyOrderElementsOf(
              all.cards().stream()
                  .filter(card -> card.partition().equals(system.name()))
                  .map(CardItem::mac)
                  .toList());
    }
    JsonNode own = client.get("/redfish/v1/UpdateService/SoftwareInventory/Portcullis").json();
    assertThat(own.path("Version").asString(""))
        .isEqualTo(AssetInventory.version())
        .isNotEqualTo("unknown");
    assertThat(client.get("/redfish/v1/UpdateService/SoftwareInventory/x").status()).isEqualTo(404);
    assertThat(client.get("/redfish/v1/UpdateService/FirmwareInventory").status()).isEqualTo(404);
  }

  private String mac(String path) {
    try {
      return client
          .get(path)
          .json()
          .path("MACAddress")
          .asString("")
          .toLowerCase(java.util.Locale.ROOT);
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }
}
