package dev.portcullis.management.redfish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.EventCollector;
import dev.portcullis.management.redfish.RedfishClient.Answer;
import dev.portcullis.vmm.event.EventType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A platform is looked after, and partitions are brought to it, over HTTPS.
@Timeout(120)
class RedfishCareTest {
  private static final String MANAGER = "/redfish/v1/Managers/Lvmm";
  private static final String ACTIONS = MANAGER + "/Actions/Oem/Portcullis.";
  private static final String KIOSK = "/redfish/v1/Systems/kiosk";

  @TempDir private Path folder;
  private TestSite site;
  private RedfishClient client;

  @BeforeEach
  void start() throws Exception {
    TestSite.make(folder);
    Path files = Files.createDirectory(folder.resolve("to-come"));
    Files.writeString(
        files.resolve("kiosk.yaml"),
        "partition: {name: kiosk, memory: 16M, runs: client, link: services}\n");
    Files.writeString(files.resolve("huge.yaml"), "#".repeat(1 << 20));
    Files.writeString(files.resolve("odd.yaml"), "partition: 7\n");
    Files.writeString(folder.resolve("outside.yaml"), "partition: {}\n");
    Files.createSymbolicLink(files.resolve("link.yaml"), folder.resolve("outside.yaml"));
    site = TestSite.start(folder, "  provisions: to-come\n");
    client = site.client("operator");
  }

  @AfterEach
  void stop() {
    site.close();
  }

  /// How a task ended.
  private JsonNode ended(RedfishClient by, Answer accepted) throws Exception {
    assertThat(accepted.status()).as(accepted.body()).isEqualTo(202);
    String task = accepted.header("Location");
    EventCollector.await(
        "the task ends", () -> !task(by, task).path("TaskState").asString("").equals("Running"));
    return task(by, task);
  }

  private static JsonNode task(RedfishClient by, String path) {
    try {
      return by.get(path).json();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aDiagnosisIsATaskAndItsReportIsKept() throws Exception {
    JsonNode actions = client.get(MANAGER).json().at("/Actions/Oem");
    assertThat(actions.at("/#Portcullis.Diagnose/target").asString(""))
        .isEqualTo(ACTIONS + "Diagnose");
    assertThat(client.get(MANAGER).json().at("/Oem/Portcullis/LastDiagnosis").isMissingNode())
        .isTrue();

    JsonNode task =
        ended(client, client.post(ACTIONS + "Diagnose", "{\"Checks\":[\"unit\",\"disk\"]}"));

    assertThat(task.path("TaskState").asString("")).isEqualTo("Completed");
    assertThat(task.path("TaskStatus").asString("")).isEqualTo("OK");
    assertThat(task.path("PercentComplete").asInt(0)).isEqualTo(100);
    assertThat(task.path("Messages").size()).isGreaterThan(1);
    JsonNode last = client.get(MANAGER).json().at("/Oem/Portcullis/LastDiagnosis");
    assertThat(last.path("Passed").asBoolean(false)).isTrue();
    assertThat(last.path("Results").findValuesAsString("Check"))
        .contains("unit", "disk")
        .doesNotContain("memory");
    site.events()
        .await(EventType.REMOTE_ACTION, event -> event.text().contains("Portcullis.Diagnose"));
  }

  @Test
  void aDiskThatIsNotAsItShouldBeIsFound() throws Exception {
    site.platform()
        .partition("user")
        .client()
        .orElseThrow()
        .disk(64 << 10, java.time.Duration.ofSeconds(10));
    JsonNode task = ended(client, client.post(ACTIONS + "Diagnose", "{\"Checks\":[\"disk\"]}"));
    assertThat(task.path("TaskStatus").asString("")).isEqualTo("Warning");
    assertThat(task.path("Messages").get(0).path("Message").asString("")).contains("failed");
  }

  @Test
  void whatCouldCostLessIsSaidAndAnOddWishIsRefused() throws Exception {
    JsonNode offered = client.get(MANAGER).json().at("/Oem/Portcullis/Optimisations");
    assertThat(offered.findValuesAsString("Subject")).contains("user invalidation");
    assertThat(client.post(ACTIONS + "Optimise", "{}").status()).isEqualTo(204);
    Answer notOffered = client.post(ACTIONS + "Optimise", "{\"Change\":\"nothing\"}");
    assertThat(notOffered.status()).isEqualTo(400);
    assertThat(notOffered.body()).contains("is no change that is offered");
    Answer unknown = client.post(ACTIONS + "Revert", "{\"Change\":\"nothing\"}");
    assertThat(unknown.status()).isEqualTo(400);
    assertThat(unknown.body()).contains("is no change that was made");
    assertThat(client.post(ACTIONS + "Revert", "{}").status()).isEqualTo(400);
  }

  @Test
  void aPartitionComesAndGoes() throws Exception {
    RedfishClient admin = site.client("admin");
    JsonNode files =
        admin
            .get(MANAGER)
            .json()
            .at("/Actions/Oem/#Portcullis.Provision/File@Redfish.AllowableValues");
    assertThat(files.toString()).isEqualTo("[\"huge.yaml\",\"kiosk.yaml\",\"odd.yaml\"]");

    JsonNode task = ended(admin, admin.post(ACTIONS + "Provision", "{\"File\":\"kiosk.yaml\"}"));

    assertThat(task.path("TaskState").asString("")).as(task.toString()).isEqualTo("Completed");
    assertThat(admin.get(KIOSK).json().path("PowerState").asString("")).isEqualTo("On");
    JsonNode again = ended(admin, admin.post(ACTIONS + "Provision", "{\"File\":\"kiosk.yaml\"}"));
    assertThat(again.path("TaskState").asString("")).isEqualTo("Exception");
    assertThat(admin.get(KIOSK).status()).as("the one that is there stays").isEqualTo(200);
    assertThat(admin.post(ACTIONS + "Remove", "{\"Partition\":\"kiosk\"}").status()).isEqualTo(204);
    assertThat(admin.get(KIOSK).status()).isEqualTo(404);
    assertThat(admin.post(ACTIONS + "Remove", "{\"Partition\":\"user\"}").status()).isEqualTo(409);
    assertThat(admin.post(ACTIONS + "Remove", "{\"Partition\":\"kiosk\"}").status()).isEqualTo(409);
  }

  @Test
  void filesOfElsewhereAndOddOnesAreRefused() throws Exception {
    RedfishClient admin = site.client("admin");
    for (String name :
        List.of(
            "../outside.yaml",
            "link.yaml",
            "nothing.yaml",
            "/etc/passwd",
            "",
            ".yaml",
            "a/b.yaml")) {
      assertThat(admin.post(ACTIONS + "Provision", "{\"File\":\"%s\"}".formatted(name)).status())
          .as(name)
          .isEqualTo(400);
    }
    assertThat(admin.post(ACTIONS + "Provision", "{\"File\":7}").status()).isEqualTo(400);
    for (String name : List.of("huge.yaml", "odd.yaml")) {
      JsonNode task =
          ended(admin, admin.post(ACTIONS + "Provision", "{\"File\":\"%s\"}".formatted(name)));
      assertThat(task.path("TaskState").asString("")).as(name).isEqualTo("Exception");
    }
    assertThat(admin.get("/redfish/v1/Systems").json().path("Members@odata.count").asInt(0))
        .isEqualTo(3);
  }

  @Test
  void rolesAndBodiesAreHeld() throws Exception {
    RedfishClient reader = site.client("reader");
    for (String action : List.of("Diagnose", "Optimise", "Revert", "Provision", "Remove")) {
      assertThat(reader.post(ACTIONS + action, "{}").status()).as(action).isEqualTo(403);
      assertThat(client.get(ACTIONS + action).status()).as(action).isEqualTo(405);
    }
    assertThat(client.post(ACTIONS + "Provision", "{\"File\":\"kiosk.yaml\"}").status())
        .isEqualTo(403);
    assertThat(client.post(ACTIONS + "Remove", "{\"Partition\":\"user\"}").status()).isEqualTo(403);
    for (String body :
        List.of(
            "[",
            "[]",
            "{\"Checks\":7}",
            "{\"Checks\":[\"luck\"]}",
            "{\"Checks\":[7]}",
            "{\"BytesPerSecond\":0}",
            "{\"BytesPerSecond\":\"fast\"}")) {
      assertThat(client.post(ACTIONS + "Diagnose", body).status()).as(body).isEqualTo(400);
    }
    assertThat(client.post(ACTIONS + "Diagnose", "x".repeat(Request.MOST_BODY + 1)).status())
        .isEqualTo(413);
    assertThat(client.post(ACTIONS + "Hug", "{}").status()).isEqualTo(404);
    assertThat(client.get("/redfish/v1/TaskService/Tasks").json().path("Members")).isEmpty();
  }
}
