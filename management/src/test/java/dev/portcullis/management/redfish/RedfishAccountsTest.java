package dev.portcullis.management.redfish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.account.Account;
import dev.portcullis.management.account.Accounts;
import dev.portcullis.management.account.Role;
import dev.portcullis.management.redfish.RedfishClient.Answer;
import dev.portcullis.vmm.event.EventType;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Accounts are made, changed and removed by a client that has nothing but HTTPS.
@Timeout(120)
class RedfishAccountsTest {
  private static final String ALL = "/redfish/v1/AccountService/Accounts";
  private static final String BOB = ALL + "/bob";
  private static final String MAKE_BOB =
      "{\"UserName\":\"bob\",\"Password\":\"bobs password\",\"RoleId\":\"Operator\"}";

  @TempDir private Path folder;
  private TestSite site;
  private RedfishClient client;
  private RedfishClient bob;

  @BeforeEach
  void start() throws Exception {
    TestSite.make(folder);
    site = TestSite.start(folder, "");
    client = site.client("admin");
    bob = site.client();
  }

  @AfterEach
  void stop() {
    site.close();
  }

  @Test
  void anAdministratorMakesAndRemovesAccounts() throws Exception {
    Answer made = client.post(ALL, MAKE_BOB);
    assertThat(made.status()).isEqualTo(201);
    assertThat(made.header("Location")).isEqualTo(BOB);
    assertThat(made.body()).doesNotContain("bobs password");
    assertThat(bob.logIn("bob", "bobs password").status()).isEqualTo(201);
    assertThat(client.get(BOB).json().path("RoleId").asString("")).isEqualTo("Operator");
    String told =
        site.events().await(EventType.REMOTE_ACTION, e -> e.text().contains("POST")).toString();
    assertThat(told).contains("admin").contains(ALL).doesNotContain("bobs password");

    assertThat(client.post(ALL, MAKE_BOB).status()).as("there is a bob already").isEqualTo(409);
    assertThat(client.send("DELETE", BOB, "").status()).isEqualTo(204);
    assertThat(client.get(BOB).status()).isEqualTo(404);
    assertThat(client.send("DELETE", BOB, "").status()).isEqualTo(404);
    assertThat(bob.get(BOB).status()).isEqualTo(401);
    assertThat(client.post(ALL, MAKE_BOB).status()).isEqualTo(201);
    assertThat(bob.get(BOB).status()).as("a session of who had the name before").isEqualTo(401);
  }

  @Test
  void anotherRoleCountsAtOnceAndStaleWritersAreRefused() throws Exception {
    client.post(ALL, MAKE_BOB);
    bob.logIn("bob", "bobs password");
    String before = client.get(BOB).header("ETag");
    String reset = "/redfish/v1/Systems/user/Actions/ComputerSystem.Reset";
    assertThat(bob.post(reset, "{\"ResetType\":\"Pause\"}").status()).isEqualTo(204);
    String role = "{\"RoleId\":\"ReadOnly\"}";
    assertThat(client.send("PATCH", BOB, role, "If-Match", before).status()).isEqualTo(200);
    assertThat(bob.post(reset, "{\"ResetType\":\"Resume\"}").status()).isEqualTo(403);
    assertThat(client.send("PATCH", BOB, role, "If-Match", before).status()).isEqualTo(412);
    assertThat(client.send("DELETE", BOB, "", "If-Match", before).status()).isEqualTo(412);
    assertThat(client.get(BOB).status()).isEqualTo(200);
  }

  @Test
  void everybodyChangesTheirOwnPasswordAndNoMore() throws Exception {
    client.post(ALL, MAKE_BOB);
    RedfishClient other = site.client();
    other.logIn("bob", "bobs password");
    bob.logIn("bob", "bobs password");
    for (String body :
        new String[] {
          "{\"RoleId\":\"Administrator\"}",
          "{\"Password\":\"another one\",\"RoleId\":\"Administrator\"}",
          "{\"Locked\":false}",
          "{}"
        }) {
      assertThat(bob.send("PATCH", BOB, body).status()).as(body).isEqualTo(403);
    }
    assertThat(bob.send("PATCH", ALL + "/admin", "{\"Password\":\"another one\"}").status())
        .isEqualTo(403);
    assertThat(bob.send("DELETE", BOB, "").status()).isEqualTo(403);
    assertThat(bob.post(ALL, MAKE_BOB.replace("bob\"", "eve\"")).status()).isEqualTo(403);

    assertThat(bob.send("PATCH", BOB, "{\"Password\":\"short\"}").status()).isEqualTo(400);
    assertThat(bob.send("PATCH", BOB, "{\"Password\":\"another one\"}").status()).isEqualTo(200);
    assertThat(bob.get(BOB).status()).as("who changed it stays").isEqualTo(200);
    assertThat(other.get(BOB).status()).as("who had the old one goes").isEqualTo(401);
    assertThat(other.logIn("bob", "bobs password").status()).isEqualTo(401);
    assertThat(other.logIn("bob", "another one").status()).isEqualTo(201);
  }

  @Test
  void aPasswordThatIsChangedByCommandEndsSessionsToo() throws Exception {
    client.post(ALL, MAKE_BOB);
    bob.logIn("bob", "bobs password");
    assertThat(bob.get(BOB).status()).isEqualTo(200);
    new Accounts(folder.resolve("accounts.json"), InstantSource.system())
        .put(new Account("bob", Role.OPERATOR), "another one");
    assertThat(bob.get(BOB).status()).isEqualTo(401);
    assertThat(client.get(BOB).status()).as("others stay").isEqualTo(200);
  }

  @Test
  void theLastAdministratorStays() throws Exception {
    String own = ALL + "/admin";
    assertThat(client.send("DELETE", own, "").status()).isEqualTo(409);
    assertThat(client.send("PATCH", own, "{\"RoleId\":\"Operator\"}").status()).isEqualTo(409);
    client.post(ALL, MAKE_BOB.replace("Operator", "Administrator"));
    assertThat(client.send("PATCH", own, "{\"RoleId\":\"Operator\"}").status()).isEqualTo(200);
    assertThat(client.send("DELETE", BOB, "").status()).isEqualTo(403);
  }

  @Test
  void anAdministratorUnlocksWhoGuessedTooOften() throws Exception {
    client.post(ALL, MAKE_BOB);
    for (int i = 0; i < Accounts.LOCKOUT_THRESHOLD; i++) {
      bob.logIn("bob", "wrong password");
    }
    assertThat(client.get(BOB).json().path("Locked").asBoolean(false)).isTrue();
    assertThat(bob.logIn("bob", "bobs password").status()).isEqualTo(401);
    assertThat(client.send("PATCH", BOB, "{\"Locked\":true}").status()).isEqualTo(400);
    assertThat(client.send("PATCH", BOB, "{\"Locked\":false}").status()).isEqualTo(200);
    assertThat(bob.logIn("bob", "bobs password").status()).isEqualTo(201);
  }

  @Test
  void whatMakesNoAccountIsRefused() throws Exception {
    for (String body :
        new String[] {
          "[",
          "{}",
          MAKE_BOB.replace("Operator", "Root"),
          MAKE_BOB.replace("bobs password", "short"),
          MAKE_BOB.replace("bobs password", "x".repeat(257)),
          MAKE_BOB.replace("\"bob\"", "\"../bob\""),
          MAKE_BOB.replace("\"bob\"", "7"),
          MAKE_BOB.replace("UserName", "Username"),
          MAKE_BOB.replace("}", ",\"Enabled\":false}")
        }) {
      assertThat(client.post(ALL, body).status()).as(body).isEqualTo(400);
    }
    assertThat(client.get(ALL).json().path("Members")).as("those of the site").hasSize(3);
    assertThat(client.send("PATCH", ALL, "{}").status()).isEqualTo(405);
    assertThat(client.send("PATCH", ALL + "/eve", "{}").status()).isEqualTo(404);
    assertThat(client.send("PATCH", ALL + "/admin", "{\"Password\":null}").status()).isEqualTo(400);
  }
}
