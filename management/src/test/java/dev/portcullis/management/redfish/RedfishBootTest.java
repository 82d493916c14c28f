package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.TestSite.USER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.redfish.RedfishClient.Answer;
import dev.portcullis.vmm.event.EventType;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What a system boots from the next time is said over HTTPS, and so it boots.
@Timeout(120)
class RedfishBootTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String RESET = USER + "/Actions/ComputerSystem.Reset";
  private static final String ONCE =
      "{\"Boot\":{\"BootSourceOverrideEnabled\":\"Once\",\"BootSourceOverrideTarget\":\"Recovery\"}}";

  @TempDir private Path folder;
  private TestSite site;
  private RedfishClient client;

  @BeforeEach
  void start() throws Exception {
    TestSite.make(folder);
    site = TestSite.start(folder, "");
    client = site.client("operator");
  }

  @AfterEach
  void stop() {
    site.close();
  }

  private JsonNode boot() throws Exception {
    return client.get(USER).json().path("Boot");
  }

  private Answer reset(String type) throws Exception {
    return client.post(RESET, "{\"ResetType\":\"%s\"}".formatted(type));
  }

  private void spoil() throws Exception {
    site.platform().partition("user").client().orElseThrow().disk(64 << 10, LIMIT);
  }

  private static String boot(String enabled, String target) {
    return ONCE.replace("Once", enabled).replace("Recovery", target);
  }

  @Test
  void whatSpoiledItsDiskBootsFromTheSafeImageOnce() throws Exception {
    assertThat(boot().path("BootSourceOverrideEnabled").asString("")).isEqualTo("Disabled");
    assertThat(boot().path("BootSourceOverrideTarget@Redfish.AllowableValues").toString())
        .isEqualTo("[\"None\",\"Recovery\"]");
    spoil();
    assertThat(reset("ForceRestart").status())
        .as("it is not what its manifest says")
        .isEqualTo(409);

    String before = client.get(USER).header("ETag");
    assertThat(client.send("PATCH", USER, ONCE, "If-Match", before).status()).isEqualTo(200);
    assertThat(client.send("PATCH", USER, ONCE, "If-Match", before).status()).isEqualTo(412);
    assertThat(boot().path("BootSourceOverrideEnabled").asString("")).isEqualTo("Once");
    site.events().await(EventType.REMOTE_ACTION, event -> event.text().contains("PATCH of Boot"));

    assertThat(reset("On").status()).isEqualTo(204);
    assertThat(client.get(USER).json().path("PowerState").asString("")).isEqualTo("On");
    assertThat(
            site.events()
                .await(EventType.BOOT_ADMITTED, event -> event.text().contains("safe images"))
                .data())
        .containsEntry("source", "safe-image");
    assertThat(boot().path("BootSourceOverrideEnabled").asString("")).isEqualTo("Disabled");
    spoil();
    assertThat(reset("ForceRestart").status()).as("once was once").isEqualTo(409);
  }

  @Test
  void continuousHoldsOverAPlatformsEndAndIsTakenBack() throws Exception {
    assertThat(client.send("PATCH", USER, boot("Continuous", "Recovery")).status()).isEqualTo(200);
    spoil();
    assertThat(reset("ForceRestart").status()).isEqualTo(204);
    spoil();
    site.close();

    site = TestSite.start(folder, "");
    client = site.client("operator");
    assertThat(client.get(USER).json().path("PowerState").asString("")).isEqualTo("On");
    assertThat(boot().path("BootSourceOverrideEnabled").asString("")).isEqualTo("Continuous");
    assertThat(client.send("PATCH", USER, boot("Disabled", "Recovery")).status()).isEqualTo(200);
    assertThat(boot().path("BootSourceOverrideTarget").asString("")).isEqualTo("None");
    spoil();
    assertThat(reset("ForceRestart").status()).isEqualTo(409);
  }

  @Test
  void whatCannotBeIsRefusedAndChangesNothing() throws Exception {
    for (String body :
        new String[] {
          boot("Once", "Pxe"),
          boot("Twice", "Recovery"),
          ONCE.replace("\"Once\"", "1"),
          "{\"Boot\":7}",
          "{\"Boot\":{}}",
          "{}",
          "{\"Boot\":{\"BootSourceOverrideEnabled\":\"Once\"}}",
          "{\"Boot\":{\"BootSourceOverrideTarget\":\"Recovery\"}}",
          "{\"Boot\":{\"UefiTargetBootSourceOverride\":\"x\"}}",
          "{\"AssetTag\":7,\"Boot\":{\"BootSourceOverrideEnabled\":\"Disabled\"}}",
          ONCE.replace("{\"Boot", "{\"AssetTag\":\"%s\",\"Boot".formatted("x".repeat(65)))
        }) {
      assertThat(client.send("PATCH", USER, body).status()).as(body).isEqualTo(400);
    }
    assertThat(client.send("PATCH", "/redfish/v1/Systems/other", ONCE).message())
        .isEqualTo("Base.1.18.PropertyValueNotInList");
    assertThat(site.client("reader").send("PATCH", USER, ONCE).status()).isEqualTo(403);
    assertThat(boot().path("BootSourceOverrideEnabled").asString("")).isEqualTo("Disabled");
    assertThat(client.get(USER).json().path("AssetTag").asString("?")).isEmpty();
    assertThat(client.send("PATCH", USER, boot("Once", "None")).status()).isEqualTo(200);
    assertThat(boot().path("BootSourceOverrideEnabled").asString("")).isEqualTo("Disabled");
  }
}
