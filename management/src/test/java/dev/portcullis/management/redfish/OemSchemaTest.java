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
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import tools.jackson.databind.JsonNode;

/// What a platform with everything says of its own is what the schema that it serves knows.
class OemSchemaTest {
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      management: management.yaml
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0}
        - {name: disk, type: nvme, at: 00:04.0, size: 16M}
      partitions:
        - {name: user, memory: 16M, runs: client, address: 10.9.0.2/24, devices: [disk]}
        - {name: services, memory: 32M, runs: bridge, devices: [nic]}
      links:
        - between: [user, services]
      """;
  private static final String POLICY =
      """
      policy: test
      rules:
        - {name: all, when: "true", result: unrestricted, reason: A test.}
      """;
  private static final String PASSWORD = "a long password";

  @TempDir private Path folder;
  private RunningPlatform platform;
  private ManagementServices services;
  private RedfishClient client;

  @BeforeEach
  void start() throws Exception {
    ServiceCertificate.own(folder.resolve("certificate"));
    Files.writeString(folder.resolve("policy.yaml"), POLICY);
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
            access: {policy: policy.yaml}
            containment: {}
            integrity:
              partitions: [{name: user, ranges: [{name: kernel text, at: 12M, size: 64K}]}]
            """
                .formatted(folder.resolve("certificate")),
            description);
    VerifiedBoot gate = ManagementServices.gate(management);
    platform = RunningPlatform.start(description, folder, event -> {}, gate);
    services = ManagementServices.start(management, gate, platform);
    new Accounts(folder.resolve("accounts.json"), InstantSource.system())
        .put(new Account("admin", Role.ADMINISTRATOR), PASSWORD);
    client =
        new RedfishClient(
            services.redfish().orElseThrow().address(), folder.resolve("certificate"));
    assertThat(client.get(Oem.SCHEMA).status()).as("not for everybody").isEqualTo(401);
    client.logIn("admin", PASSWORD);
  }

  @AfterEach
  void stop() {
    services.close();
    platform.close();
  }

  private static Document parse(String xml) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<Element> elements(Element in, String name) {
    NodeList found = in.getElementsByTagName(name);
    List<Element> all = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      all.add((Element) found.item(i));
    }
    return all;
  }

  /// What the schema says of each complex type: its properties, and of which type they are.
  private static Map<String, Map<String, String>> types(Document schema) {
    Map<String, Map<String, String>> types = new HashMap<>();
    for (Element type : elements(schema.getDocumentElement(), "ComplexType")) {
      Map<String, String> properties = new HashMap<>();
      for (String kind : List.of("Property", "NavigationProperty")) {
        for (Element property : elements(type, kind)) {
          properties.put(property.getAttribute("Name"), property.getAttribute("Type"));
        }
      }
      types.put("Portcullis.v1_0_0." + type.getAttribute("Name"), properties);
    }
    return types;
  }

  /// Types whose properties' names the schema does not list.
  private static final Set<String> OPEN =
      Set.of("Portcullis.v1_0_0.Registers", "Portcullis.v1_0_0.EventData");

  private final Set<String> seen = new HashSet<>();

  private void check(
      String where, JsonNode object, String type, Map<String, Map<String, String>> types) {
    seen.add(type);
    if (OPEN.contains(type)) {
      return;
    }
    assertThat(types).as(where).containsKey(type);
    object
        .properties()
        .forEach(entry -> {
          if (!entry.getKey().startsWith("@")) {
            String of = types.get(type).get(entry.getKey());
            assertThat(of).as(where + " " + entry.getKey()).isNotNull();
            String one = of.replaceAll("^Collection\\((.*)\\)$", "$1");
            if (one.startsWith("Portcullis.")) {
              Iterable<JsonNode> all =
                  of.equals(one) ? List.of(entry.getValue()) : entry.getValue().values();
              all.forEach(each -> check(where + " " + entry.getKey(), each, one, types));
            }
          }
        });
  }

  @Test
  void whatItSaysOfItsOwnIsInItsSchema() throws Exception {
    EventCollector.await(
        "access is decided", () -> services.access().orElseThrow().decision("user").isPresent());
    Answer metadata = client.get("/redfish/v1/$metadata");
    Optional<Element> reference =
        elements(parse(metadata.body()).getDocumentElement(), "edmx:Reference").stream()
            .filter(one -> one.getAttribute("Uri").startsWith("/"))
            .findFirst();
    Answer schema = client.get(reference.orElseThrow().getAttribute("Uri"));
    assertThat(schema.header("Content-Type")).isEqualTo("application/xml");
    Map<String, Map<String, String>> types = types(parse(schema.body()));

    for (String path : client.walk()) {
      for (JsonNode oem : client.get(path).json().findValues("Oem")) {
        JsonNode own = oem.path("Portcullis");
        if (own.isObject()) {
          String type = own.path("@odata.type").asString("");
          assertThat(type).as(path).startsWith("#");
          check(path, own, type.substring(1), types);
        }
      }
    }
    assertThat(seen)
        .contains(
            "Portcullis.v1_0_0.ComputerSystem",
            "Portcullis.v1_0_0.Access",
            "Portcullis.v1_0_0.Containment",
            "Portcullis.v1_0_0.Integrity",
            "Portcullis.v1_0_0.Network",
            "Portcullis.v1_0_0.Memory",
            "Portcullis.v1_0_0.RemappingUnit",
            "Portcullis.v1_0_0.PCIeFunction",
            "Portcullis.v1_0_0.SerialInterface",
            "Portcullis.v1_0_0.Manager",
            "Portcullis.v1_0_0.Optimisation",
            "Portcullis.v1_0_0.Event");
  }

  /// Nobody decides about the access of who has the bridge.
  @Test
  void whoHasTheBridgeIsASystemLikeOthers() throws Exception {
    String services = "/redfish/v1/Systems/services";
    Answer answer = client.get(services);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().at("/Actions/Oem").isEmpty()).isTrue();
    for (String action : List.of("Reevaluate", "Contain")) {
      assertThat(client.post(services + "/Actions/Oem/Portcullis." + action, "{}").status())
          .isEqualTo(404);
    }
    assertThat(client.get("/redfish/v1/Systems/user").json().at("/Actions/Oem")).hasSize(2);
  }
}
