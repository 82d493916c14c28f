package dev.portcullis.management.redfish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.EventCollector;
import dev.portcullis.management.ManagementDescription;
import dev.portcullis.management.ManagementFile;
import dev.portcullis.management.ManagementServices;
import dev.portcullis.management.account.Account;
import dev.portcullis.management.account.Accounts;
import dev.portcullis.management.account.Role;
import dev.portcullis.management.account.ServiceCertificate;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.redfish.RedfishClient.Answer;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A platform is managed by a client that has nothing but HTTPS.
@Timeout(120)
class RedfishTest {
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: disk, type: nvme, at: 00:04.0, size: 16M}
        - {name: nic, type: virtio-net, at: 00:03.0}
        - {name: spare, type: edu, at: 00:05.0}
      partitions:
        - {name: user, memory: 16M, runs: client, devices: [disk, nic]}
        - {name: other, memory: 16M, runs: client}
      """;
  private static final String PASSWORD = "a long password";
  private static final String USER = "/redfish/v1/Systems/user";
  private static final String RESET = USER + "/Actions/ComputerSystem.Reset";

  @TempDir private static Path certificate;
  @TempDir private Path folder;
  private final EventCollector events = new EventCollector();
  private RunningPlatform platform;
  private ManagementServices services;
  private RedfishClient client;

  @BeforeAll
  static void makeCertificate() throws Exception {
    ServiceCertificate.own(certificate);
  }

  @BeforeEach
  void start() throws Exception {
    PlatformDescription description = PlatformFile.parse("test.yaml", folder, PLATFORM);
    ManagementDescription management =
        ManagementFile.parse(
            "management.yaml",
            folder,
            """
            state: state
            redfish:
              listen: 127.0.0.1:0
              accounts: accounts.json
              certificate: {store: %1$s/service.p12, password-file: %1$s/service.password}
            containment: {partitions: [user]}
            """
                .formatted(certificate),
            description);
    VerifiedBoot gate = ManagementServices.gate(management);
    platform = RunningPlatform.start(description, folder, event -> {}, gate);
    platform.events().add(events);
    services = ManagementServices.start(management, gate, platform);
    Accounts accounts = new Accounts(folder.resolve("accounts.json"), InstantSource.system());
    accounts.put(new Account("admin", Role.ADMINISTRATOR), PASSWORD);
    accounts.put(new Account("operator", Role.OPERATOR), PASSWORD);
    accounts.put(new Account("reader", Role.READ_ONLY), PASSWORD);
    client = new RedfishClient(services.redfish().orElseThrow().address(), certificate);
  }

  @AfterEach
  void stop() {
    services.close();
    platform.close();
  }

  private Answer reset(String type) throws Exception {
    return client.post(RESET, "{\"ResetType\":\"%s\"}".formatted(type));
  }

  private String power() throws Exception {
    return client.get(USER).json().path("PowerState").asString("");
  }

  @Test
  void aSystemIsSwitchedOffAndOnAndReset() throws Exception {
    assertThat(client.logIn("operator", PASSWORD).status()).isEqualTo(201);
    assertThat(power()).isEqualTo("On");
    assertThat(reset("On").status()).as("it is on already").isEqualTo(409);
    assertThat(reset("Pause").status()).isEqualTo(204);
    assertThat(power()).isEqualTo("Paused");
    assertThat(reset("Resume").status()).isEqualTo(204);
    assertThat(reset("ForceOff").status()).isEqualTo(204);
    assertThat(power()).isEqualTo("Off");
    assertThat(reset("On").status()).isEqualTo(204);
    assertThat(reset("ForceRestart").status()).isEqualTo(204);
    assertThat(power()).isEqualTo("On");
    assertThat(reset("GracefulShutdown").status()).isEqualTo(204);
    assertThat(power()).isEqualTo("Off");
    assertThat(reset("PushPowerButton").status()).isEqualTo(204);
    assertThat(power()).isEqualTo("On");
    assertThat(reset("Explode").message()).isEqualTo("Base.1.18.ActionParameterValueNotInList");

    events.await(
        EventType.REMOTE_ACTION, event -> event.text().startsWith("operator asked for ForceOff"));
    String log = "/redfish/v1/Managers/Lvmm/LogServices/Events/Entries";
    EventCollector.await(
        "the log has it",
        () -> {
          try {
            return client.get(log).body().contains("operator asked for PushPowerButton");
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    Answer page = client.get(log + "?$top=2&$skip=1");
    assertThat(page.json().path("Members")).hasSize(2);
    assertThat(page.json().path("Members@odata.nextLink").asString("")).contains("$skip=3");
  }

  @Test
  void aPartitionThatIsBrokenIsManagedAllTheSame() throws Exception {
    client.logIn("operator", PASSWORD);
    platform.partition("user").engine().halt("it panicked", Duration.ofSeconds(10));
    Answer answer = client.get(USER);
    assertThat(answer.json().at("/Status/Health").asString("")).isEqualTo("Critical");
    assertThat(answer.body()).contains("it panicked");
    assertThat(client.get("/redfish/v1/Chassis/Machine/Drives/disk").status()).isEqualTo(200);
    assertThat(reset("ForceRestart").status()).isEqualTo(204);
    assertThat(platform.partition("user").engine().state().is(Phase.RUNNING)).isTrue();
    platform.power(PowerAction.PAUSE, "user");
    assertThat(client.get(USER + "/EthernetInterfaces/00-03.0").status()).isEqualTo(200);
    assertThat(reset("ForceOff").status()).isEqualTo(204);
  }

  @Test
  void everyLinkLeadsSomewhere() throws Exception {
    client.logIn("admin", PASSWORD);
    assertThat(client.walk())
        .contains(
            USER + "/Processors/CPU",
            USER + "/Memory/Window",
            USER + "/EthernetInterfaces/00-03.0",
            USER + "/NetworkInterfaces/00-03.0",
            "/redfish/v1/Chassis/Machine/Drives/disk",
            USER + "/LogServices/Events/Entries",
            "/redfish/v1/Chassis/Machine/PCIeDevices/00-05.0/PCIeFunctions/1",
            "/redfish/v1/Chassis/Machine/Sensors/IotlbHits",
            "/redfish/v1/Managers/Lvmm/SerialInterfaces/user",
            "/redfish/v1/AccountService/Accounts/reader",
            "/redfish/v1/AccountService/Roles/ReadOnly",
            "/redfish/v1/UpdateService",
            "/redfish/v1/TaskService/Tasks");
    Answer drive = client.get("/redfish/v1/Chassis/Machine/Drives/disk");
    assertThat(drive.json().path("CapacityBytes").asLong(0)).isEqualTo(16 << 20);
    Answer function = client.get("/redfish/v1/Chassis/Machine/PCIeDevices/00-03.0/PCIeFunctions/1");
    assertThat(function.json().path("VendorId").asString("")).isEqualTo("0x1AF4");
    Answer adapter = client.get("/redfish/v1/Chassis/Machine/NetworkAdapters/00-03.0");
    assertThat(adapter.json().at("/Controllers/0/Links/PCIeDevices/0/@odata.id").asString(""))
        .isEqualTo("/redfish/v1/Chassis/Machine/PCIeDevices/00-03.0");
    Answer sensor = client.get("/redfish/v1/Chassis/Machine/Sensors/DmaRequests");
    assertThat(sensor.json().path("Reading").asDouble(-1))
        .isBetween(1.0, (double) platform.unit().statistics().requests());
  }

  @Test
  void whoIsNotLoggedInSeesTheRootOnly() throws Exception {
    assertThat(client.get("/redfish").json().path("v1").asString("")).isEqualTo("/redfish/v1/");
    assertThat(client.get("/redfish/v1/").status()).isEqualTo(200);
    assertThat(client.get("/redfish/v1/odata").json().path("value")).hasSize(9);
    assertThat(client.get("/redfish/v1/$metadata").header("Content-Type"))
        .isEqualTo("application/xml");
    for (String path : new String[] {"Systems", "Systems/user", "Nothing", "Managers/Lvmm"}) {
      Answer answer = client.get("/redfish/v1/" + path);
      assertThat(answer.status()).as(path).isEqualTo(401);
      assertThat(answer.header("WWW-Authenticate")).startsWith("Basic");
    }
    assertThat(reset("ForceOff").status()).isEqualTo(401);
    assertThat(client.logIn("admin", "not the password").status()).isEqualTo(401);
    assertThat(client.logIn("nobody", PASSWORD).status()).isEqualTo(401);
    assertThat(platform.partition("user").engine().state().is(Phase.RUNNING)).isTrue();
  }

  @Test
  void containmentIsSeenAndDone() throws Exception {
    client.logIn("operator", PASSWORD);
    String contain =
        client.get(USER).json().at("/Actions/Oem/#Portcullis.Contain/target").asString("");
    assertThat(own("/Containment/State")).isEqualTo("normal");
    assertThat(own("/Network/Level")).isNotEmpty();

    Answer refused = client.post(contain, "{\"Trigger\":\"verify\"}");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(client.post(contain, "{\"Trigger\":\"hug\"}").message())
        .isEqualTo("Base.1.18.ActionParameterValueNotInList");
    String endless = "x".repeat(257);
    assertThat(
            client
                .post(contain, "{\"Trigger\":\"contain\",\"Reason\":\"%s\"}".formatted(endless))
                .message())
        .isEqualTo("Base.1.18.StringValueTooLong");
    assertThat(own("/Containment/State")).isEqualTo("normal");

    Answer done = client.post(contain, "{\"Trigger\":\"contain\",\"Reason\":\"odd traffic\"}");
    assertThat(done.status()).isEqualTo(204);
    assertThat(own("/Containment/State")).isEqualTo("contained");
    assertThat(own("/Containment/Reason")).contains("odd traffic");
    assertThat(own("/Network/Level")).isEqualTo("remediation");
    assertThat(events.await(EventType.REMOTE_ACTION, e -> e.text().contains("contain")).data())
        .containsEntry("account", "operator");

    client.logIn("reader", PASSWORD);
    assertThat(client.post(contain, "{\"Trigger\":\"release\"}").status()).isEqualTo(403);
    assertThat(own("/Containment/State")).isEqualTo("contained");
  }

  private String own(String what) throws Exception {
    return client.get(USER).json().at("/Oem/Portcullis" + what).asString("");
  }

  @Test
  void whatIsNotThereCannotBeDone() throws Exception {
    client.logIn("admin", PASSWORD);
    String actions = "/Actions/Oem/";
    assertThat(client.post(USER + actions + "Portcullis.Reevaluate", "{}").status()).isEqualTo(404);
    assertThat(client.post(USER + actions + "Portcullis.Hug", "{}").status()).isEqualTo(404);
    Answer uncontained =
        client.post(
            "/redfish/v1/Systems/other" + actions + "Portcullis.Contain",
            "{\"Trigger\":\"contain\"}");
    assertThat(uncontained.status()).isEqualTo(404);
  }

  @Test
  void whatWasBeforeTheServiceIsInItsLog() throws Exception {
    client.logIn("reader", PASSWORD);
    String log = "/redfish/v1/Managers/Lvmm/LogServices/Events/Entries";
    assertThat(client.get(log).json().at("/Members/0/Message").asString(""))
        .isEqualTo("the platform starts");
  }

  @Test
  void rolesAreHeld() throws Exception {
    client.logIn("reader", PASSWORD);
    assertThat(client.get(USER).status()).isEqualTo(200);
    assertThat(reset("ForceOff").status()).isEqualTo(403);
    assertThat(reset("ForceOff").message()).isEqualTo("Base.1.18.InsufficientPrivilege");
    assertThat(client.send("PATCH", USER, "{\"AssetTag\":\"x\"}").status()).isEqualTo(403);
    String update = "/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate";
    assertThat(client.post(update, "{}").status()).isEqualTo(403);
    String accounts = "/redfish/v1/AccountService/Accounts";
    assertThat(client.get(accounts).status()).isEqualTo(403);
    assertThat(client.get(accounts + "/admin").status()).isEqualTo(403);
    Answer own = client.get(accounts + "/reader");
    assertThat(own.json().path("RoleId").asString("")).isEqualTo("ReadOnly");
    assertThat(own.json().path("Password").isNull()).isTrue();

    // Nobody ends another's session, but an administrator does.
    String sessions = "/redfish/v1/SessionService/Sessions";
    client.logIn("operator", PASSWORD);
    assertThat(client.send("DELETE", sessions + "/1", "").status()).isEqualTo(403);
    assertThat(client.send("DELETE", sessions + "/2", "").status()).isEqualTo(204);
    assertThat(client.get(USER).status()).as("its token is worth nothing").isEqualTo(401);
    client.logIn("admin", PASSWORD);
    assertThat(client.send("DELETE", sessions + "/1", "").status()).isEqualTo(204);
    assertThat(client.send("DELETE", sessions + "/1", "").status()).isEqualTo(404);
  }

  @Test
  void whoLosesTheirAccountLosesTheirSession() throws Exception {
    client.logIn("operator", PASSWORD);
    assertThat(client.get(USER).status()).isEqualTo(200);
    new Accounts(folder.resolve("accounts.json"), InstantSource.system()).remove("operator");
    assertThat(client.get(USER).status()).isEqualTo(401);
  }

  @Test
  void whatMakesNoSenseIsRefusedInRedfishsWords() throws Exception {
    client.logIn("operator", PASSWORD);
    assertThat(client.get("/redfish/v1/Systems/nobody").message())
        .isEqualTo("Base.1.18.ResourceMissingAtURI");
    for (String path :
        new String[] {
          "/",
          "/redfish/v2",
          "/redfish/v1/Systems/user/x",
          "/redfish/v1" + "/a".repeat(100),
          "/redfish/v1/Systems/..%2f..%2fetc"
        }) {
      assertThat(client.get(path).status()).as(path).isEqualTo(404);
    }
    assertThat(client.get("/redfish/v1/%zz").status()).isEqualTo(400);
    Answer deleted = client.send("DELETE", USER, "");
    assertThat(deleted.status()).isEqualTo(405);
    assertThat(deleted.header("Allow")).isEqualTo("GET, HEAD, PATCH");
    assertThat(client.get(RESET).status()).isEqualTo(405);
    assertThat(client.post(RESET, "[").status()).isEqualTo(400);
    assertThat(client.post(RESET, "[]").status()).isEqualTo(400);
    assertThat(client.post(RESET, "{}").status()).isEqualTo(400);
    assertThat(client.post(RESET, "x".repeat(Request.MOST_BODY + 1)).status()).isEqualTo(413);
    assertThat(client.get("/redfish/v1/Systems?$skip=x").status()).isEqualTo(400);
    assertThat(client.send("GET", USER, "", "OData-Version", "3.0").status()).isEqualTo(412);
  }

  @Test
  void anAssetTagIsKeptAndTwoWritersAreToldApart() throws Exception {
    client.logIn("operator", PASSWORD);
    String before = client.get(USER).header("ETag");
    assertThat(client.send("GET", USER, "", "If-None-Match", before).status()).isEqualTo(304);
    String patch = "{\"AssetTag\":\"Room 4, \\u00fcber\"}";
    assertThat(client.send("PATCH", USER, patch, "If-Match", before).status()).isEqualTo(200);
    assertThat(client.send("PATCH", USER, patch, "If-Match", before).status()).isEqualTo(412);
    assertThat(client.get(USER).json().path("AssetTag").asString("")).isEqualTo("Room 4, über");
    assertThat(client.get("/redfish/v1/Systems/other").json().path("AssetTag").asString("?"))
        .isEmpty();
    assertThat(client.send("PATCH", USER, "{\"PowerState\":\"Off\"}").status()).isEqualTo(400);
    String tooLong = "{\"AssetTag\":\"%s\"}".formatted("x".repeat(65));
    assertThat(client.send("PATCH", USER, tooLong).status()).isEqualTo(400);
  }

  @Test
  void basicAuthenticationLocksWhoGuesses() throws Exception {
    String right = "Basic " + base64("admin:" + PASSWORD);
    assertThat(client.send("GET", USER, "", "Authorization", right).status()).isEqualTo(200);
    for (int i = 0; i < Accounts.LOCKOUT_THRESHOLD; i++) {
      String wrong = "Basic " + base64("admin:guess" + i);
      assertThat(client.send("GET", USER, "", "Authorization", wrong).status()).isEqualTo(401);
    }
    assertThat(client.send("GET", USER, "", "Authorization", right).status()).isEqualTo(401);
    for (String header : new String[] {"Basic", "Basic ***", "Basic " + base64("x"), "Bearer x"}) {
      assertThat(client.send("GET", USER, "", "Authorization", header).status()).isEqualTo(401);
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aRebuildIsATaskThatSaysHowItEnds() throws Exception {
    client.logIn("operator", PASSWORD);
    String update = "/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate";
    String body = "{\"ImageURI\":\"portcullis:safe-image?data=keep\",\"Targets\":[\"%s\"]}";
    assertThat(client.post(update, body.formatted("/redfish/v1/Systems/none")).status())
        .isEqualTo(400);
    assertThat(client.post(update, "{\"ImageURI\":\"http://evil/\"}").status()).isEqualTo(400);
    Answer accepted = client.post(update, body.formatted(USER));
    assertThat(accepted.status()).isEqualTo(202);
    String task = accepted.header("Location");
    EventCollector.await(
        "the task ends",
        () -> {
          try {
            return client.get(task).json().path("TaskState").asString("").equals("Exception");
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    assertThat(client.get(task).json().at("/Messages/0/Message").asString(""))
        .as("this platform names no safe image")
        .isNotEmpty();
  }
}
