package dev.portcullis.management.redfish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.account.Account;
import dev.portcullis.management.account.Accounts;
import dev.portcullis.management.account.Role;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.control.ConsoleWords;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Consoles of partitions over the network, for clients that have nothing but TLS and a WebSocket.
@Timeout(120)
class SerialConsoleTest {
  private static final String USER = "/redfish/v1/Systems/user";

  @TempDir private Path folder;
  private TestSite site;
  private RedfishClient client;
  private SSLContext context;
  private String console;

  @BeforeEach
  void start() throws Exception {
    TestSite.make(folder);
    site = TestSite.start(folder, "  consoles: 127.0.0.1:0\n");
    client = site.client("operator");
    context = client.context();
    console = client.get(USER).json().at("/SerialConsole/WebSocket/ConsoleURI").asString("");
    assertThat(console).startsWith("wss://127.0.0.1:").endsWith(USER + "/SerialConsole");
  }

  @AfterEach
  void stop() {
    site.close();
  }

  private static String[] as(String name) {
    String both = name + ":" + TestSite.PASSWORD;
    return new String[] {
      "Authorization",
      "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8))
    };
  }

  private ConsoleVisitor visit(String query, String name) throws Exception {
    return ConsoleVisitor.at(context, console + query, "", true, as(name));
  }

  @Test
  void aTerminalTypesAndSees() throws Exception {
    try (ConsoleVisitor visitor = visit("", "operator")) {
      visitor.await("partition user begins, 16 MiB of memory");
      visitor.type("help\r");
      visitor.await("known here: devices, ping ADDRESS");
    }
    assertThat(
            site.events().await(EventType.REMOTE_ACTION, e -> e.text().contains("console")).data())
        .containsEntry("account", "operator");
  }

  @Test
  void aSessionOfRedfishOpensIt() throws Exception {
    String token = client.logIn("operator", TestSite.PASSWORD).header("X-Auth-Token");
    try (ConsoleVisitor visitor =
        ConsoleVisitor.at(context, console, "", true, "X-Auth-Token", token)) {
      visitor.await("partition user begins");
    }
  }

  @Test
  void aProgramIsToldWhereItIs() throws Exception {
    try (ConsoleVisitor visitor =
        ConsoleVisitor.at(context, console, SerialConsole.WORDS, true, as("operator"))) {
      visitor.await("{\"at\":0,\"bytes\":");
      visitor.type(ConsoleWords.keys("help\r"));
      visitor.await("\"bytes\":");
      visitor.type("{{{");
      visitor.await("{\"notice\":\"that was not understood\"}");
    }
  }

  @Test
  void whoMayNotIsNotLetIn() throws Exception {
    assertThat(ConsoleVisitor.refusal(context, console)).isEqualTo(401);
    assertThat(ConsoleVisitor.refusal(context, console, "X-Auth-Token", "guessed")).isEqualTo(401);
    assertThat(ConsoleVisitor.refusal(context, console, as("nobody"))).isEqualTo(401);
    assertThat(ConsoleVisitor.refusal(context, console, as("reader"))).isEqualTo(403);
    assertThat(ConsoleVisitor.refusal(context, console + "?as=take-over", as("reader")))
        .isEqualTo(403);
    assertThat(ConsoleVisitor.refusal(context, console + "?as=king", as("operator")))
        .isEqualTo(404);
    String nobodys = console.replace("/user/", "/nobody/");
    assertThat(ConsoleVisitor.refusal(context, nobodys, as("operator"))).isEqualTo(404);
  }

  @Test
  void oneWritesAndManyWatch() throws Exception {
    try (ConsoleVisitor writer = visit("", "operator");
        ConsoleVisitor reader = visit("?as=watch", "reader")) {
      writer.await("begins");
      reader.await("begins");
      assertThat(ConsoleVisitor.refusal(context, console, as("operator"))).isEqualTo(409);
      reader.type("x");
      reader.await("[you watch: come again to write]");
      writer.type("mine\r");
      reader.await("mine");
      try (ConsoleVisitor second = visit("?as=take-over", "operator")) {
        writer.await("has taken over: you watch]");
        second.type("yours\r");
        reader.await("yours");
      }
    }
  }

  @Test
  void whoComesBackHasMissedNothing_alsoWhileItHangs() throws Exception {
    long position;
    try (ConsoleVisitor visitor = visit("?as=watch", "reader")) {
      visitor.await("begins, 16 MiB of memory\n");
      position = visitor.bytes();
    }
    site.platform().power(PowerAction.RESET, "user");
    site.platform().power(PowerAction.PAUSE, "user");
    try (ConsoleVisitor visitor = visit("?as=watch&from=" + position, "reader")) {
      visitor.await("begins, 16 MiB of memory");
    }
    site.platform().power(PowerAction.KILL, "user");
    try (ConsoleVisitor visitor = visit("", "operator")) {
      visitor.await("begins");
      visitor.await("begins");
      visitor.type("x");
      visitor.await("takes nothing: it is off]");
    }
  }

  @Test
  void whoeverDoesNotReadHoldsUpNobody() throws Exception {
    try (ConsoleVisitor deaf =
            ConsoleVisitor.at(context, console + "?as=watch", "", false, as("reader"));
        ConsoleVisitor visitor = visit("", "operator")) {
      for (int i = 0; i < 100; i++) {
        visitor.type("x".repeat(200) + i + "\r");
        visitor.await("x" + i);
        visitor.await("known here");
      }
      assertThat(deaf.bytes()).isZero();
    }
  }

  @Test
  void whatIsNoWebSocketIsDropped_andTheOthersStay() throws Exception {
    int port = URI.create(console).getPort();
    try (ConsoleVisitor visitor = visit("", "operator")) {
      visitor.await("begins");
      List<Socket> strangers = new ArrayList<>();
      for (String nonsense : List.of("GET / HTTP/1.1\r\n\r\n", "\0\0\0", "x".repeat(9000))) {
        Socket stranger = context.getSocketFactory().createSocket("127.0.0.1", port);
        strangers.add(stranger);
        stranger.getOutputStream().write(nonsense.getBytes(StandardCharsets.US_ASCII));
        stranger.getOutputStream().flush();
      }
      assertThat(strangers.getFirst().getInputStream().read()).isEqualTo(-1);
      assertThat(strangers.getLast().getInputStream().read()).isEqualTo(-1);
      visitor.type("still here\r");
      visitor.await("still here");
      for (Socket stranger : strangers) {
        stranger.close();
      }
    }
  }

  @Test
  void whoCameWithAPasswordThatWasChangedIsThereNoMore_andOthersStay() throws Exception {
    Accounts accounts = new Accounts(folder.resolve("accounts.json"), InstantSource.system());
    String token = client.logIn("operator", TestSite.PASSWORD).header("X-Auth-Token");
    try (ConsoleVisitor visitor = visit("", "operator");
        ConsoleVisitor reader = visit("?as=watch", "reader");
        ConsoleVisitor other = visit("?as=watch", "admin");
        ConsoleVisitor session =
            ConsoleVisitor.at(context, console + "?as=watch", "", true, "X-Auth-Token", token)) {
      visitor.await("begins");
      accounts.put(new Account("operator", Role.OPERATOR), "another password");
      assertThat(visitor.awaitClose()).isPositive();
      accounts.remove("reader");
      assertThat(reader.awaitClose()).isPositive();
      assertThat(session.awaitClose()).isPositive();
      other.await("begins");
      assertThat(other.isOpen()).isTrue();
    }
  }

  @Test
  void theServiceSaysGoodBye() throws Exception {
    try (ConsoleVisitor visitor = visit("?as=watch", "reader")) {
      visitor.await("begins");
      site.services().close();
      assertThat(visitor.awaitClose()).isPositive();
    }
  }
}
