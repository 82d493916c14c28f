package dev.portcullis.vmm.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.devices.wire.Cable;
import dev.portcullis.net.host.HostOptions;
import dev.portcullis.net.host.NetworkHost;
import dev.portcullis.net.http.HttpResponse;
import dev.portcullis.net.http.HttpServer;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.net.packet.MacAddress;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.bridge.HostPorts;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.ClientException;
import dev.portcullis.vmm.software.Client.PackageOffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A host of management's own at the bridge, and a client that is asked what it has and that gets
/// more from there.
class OwnHostTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration MOMENT = Duration.ofMillis(300);
  private static final Ipv4Address HOST = Ipv4Address.parse("10.9.0.250");
  private static final String CONTENT = "package client 1.1\nwhatever it is made of\n";
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      partitions:
        - {name: user, memory: 16M, runs: client, address: 10.9.0.2/24}
        - {name: services, memory: 32M, runs: bridge}
      links:
        - between: [user, services]
      """;

  @TempDir private Path folder;
  private RunningPlatform platform;
  private Client user;
  private HostPorts ports;
  private NetworkHost host;

  @BeforeEach
  void start() throws Exception {
    platform =
        RunningPlatform.start(
            PlatformFile.parse("test.yaml", folder, PLATFORM), folder, event -> {});
    user = platform.partition("user").client().orElseThrow();
    ports = platform.partition("services").hosts().orElseThrow();
    Cable cable = new Cable();
    host =
        NetworkHost.attach(
            HostOptions.of(new MacAddress(0x0250_5600_ff01L), HOST + "/24"), cable.one());
    ports.attach("help", cable.other());
  }

  @AfterEach
  void stop() {
    platform.close();
    host.close();
  }

  private static PackageOffer offer(String content) throws Exception {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
    return new PackageOffer(HOST, "/client", HexFormat.of().formatHex(hash));
  }

  private HttpServer serve(String content) throws Exception {
    return HttpServer.start(
        host, 80, request -> HttpResponse.text(200, "text/plain", request.client() + content));
  }

  @Test
  void clientSaysWhatItIsAndHas() throws Exception {
    assertThat(user.posture("c0ffee", LIMIT).lines())
        .startsWith("posture\t1", "challenge\tc0ffee")
        .contains("installed-package\tclient\t1.0", "port-filter\toff\tnone")
        .endsWith("end");
  }

  @Test
  void clientInstallsWhatItWasOfferedAndNothingElse() throws Exception {
    try (HttpServer _ =
        HttpServer.start(host, 80, request -> HttpResponse.text(200, "text/plain", CONTENT))) {
      assertThat(user.install(offer(CONTENT), LIMIT)).isEqualTo("client 1.1");
      assertThat(user.posture("0", LIMIT)).contains("installed-package\tclient\t1.1\n");

      assertThatThrownBy(() -> user.install(offer("package client 9"), LIMIT))
          .hasMessage("what was fetched is not what was offered");
      assertThat(user.posture("0", LIMIT)).contains("installed-package\tclient\t1.1\n");
    }
    platform.power(PowerAction.KILL, "user");
    platform.power(PowerAction.START, "user");
    assertThat(user.posture("0", LIMIT)).contains("installed-package\tclient\t1.0\n");
  }

  @Test
  void hostSeesWhoAsks() throws Exception {
    try (HttpServer _ = serve(" asks")) {
      assertThat(user.page(HOST, "/", LIMIT)).isEqualTo("10.9.0.2 asks");
    }
  }

  @Test
  void hostOutlivesTheBridgeAndIsPulledOutForGood() throws Exception {
    user.ping(HOST, LIMIT);
    platform.power(PowerAction.KILL, "services");
    assertThat(host.ping(Ipv4Address.parse("10.9.0.2"), MOMENT)).isEmpty();
    platform.power(PowerAction.START, "services");
    user.ping(HOST, LIMIT);
    assertThat(host.ping(Ipv4Address.parse("10.9.0.2"), LIMIT)).isPresent();

    assertThatThrownBy(() -> ports.attach("help", new Cable().one()))
        .isInstanceOf(VmmException.class);
    assertThatThrownBy(() -> ports.attach("user", new Cable().one()))
        .isInstanceOf(VmmException.class);
    ports.detach("help");
    assertThatThrownBy(() -> user.ping(HOST, MOMENT)).isInstanceOf(ClientException.class);
  }
}
