package dev.portcullis.management.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.management.account.Accounts.Entered;
import dev.portcullis.management.account.Sessions.Begun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccountsTest {
  private static final Account ALICE = new Account("alice", Role.OPERATOR);
  private static final Entered ENTERED = new Entered(ALICE, "mark");
  private static final String PASSWORD = "correct horse";

  @TempDir private Path folder;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private Path file;
  private Accounts accounts;

  @BeforeEach
  void open() {
    file = folder.resolve("accounts.json");
    accounts = new Accounts(file, () -> now);
  }

  @Test
  void whoHasThePasswordIsLetIn() throws Exception {
    accounts.put(ALICE, PASSWORD);
    assertThat(accounts.enter("alice", PASSWORD).map(Entered::account)).contains(ALICE);
    assertThat(accounts.enter("alice", PASSWORD + "x")).isEmpty();
    assertThat(accounts.enter("bob", PASSWORD)).isEmpty();
    assertThat(accounts.enter("alice", "x".repeat(100_000))).isEmpty();
  }

  @Test
  void nothingInTheFileIsThePassword() throws Exception {
    accounts.put(ALICE, PASSWORD);
    accounts.put(new Account("bob", Role.READ_ONLY), PASSWORD);
    assertThat(Files.readString(file)).doesNotContain("correct");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readAllLines(file).stream().filter(line -> line.contains("\"hash\"")))
        .as("the same password is kept as something else")
        .doesNotHaveDuplicates()
        .hasSize(2);
  }

  @Test
  void wrongPasswordsLockForAWhile() throws Exception {
    accounts.put(ALICE, PASSWORD);
    for (int i = 0; i < Accounts.LOCKOUT_THRESHOLD; i++) {
      assertThat(accounts.isLocked("alice")).isFalse();
      accounts.enter("alice", "wrong " + i);
    }
    assertThat(accounts.isLocked("alice")).isTrue();
    assertThat(accounts.enter("alice", PASSWORD)).isEmpty();
    now = now.plus(Accounts.LOCKOUT);
    assertThat(accounts.enter("alice", PASSWORD).map(Entered::account)).contains(ALICE);
  }

  @Test
  void aDamagedFileLetsNobodyIn() throws Exception {
    accounts.put(ALICE, PASSWORD);
    Files.writeString(file, Files.readString(file).replace("\"Operator\"", "\"Root\""));
    assertThatThrownBy(() -> accounts.enter("alice", PASSWORD))
        .isInstanceOf(AccountException.class)
        .hasMessageContaining("accounts.json")
        .hasMessageContaining("\"Root\" is none of");
    Files.writeString(file, "{");
    assertThatThrownBy(() -> accounts.enter("alice", PASSWORD))
        .isInstanceOf(AccountException.class);
  }

  @Test
  void badNamesAndShortPasswordsAreRefused() {
    assertThatThrownBy(() -> new Account("a:b", Role.OPERATOR))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> accounts.put(ALICE, "short"))
        .hasMessage("a password has 8 to 256 characters");
  }

  @Test
  void sessionsEndWhenNobodyUsesThem() {
    Sessions sessions = new Sessions(Duration.ofMinutes(5), () -> now);
    Begun begun = sessions.begin(ENTERED).orElseThrow();
    now = now.plusSeconds(299);
    assertThat(sessions.use(begun.token())).isPresent();
    now = now.plusSeconds(299);
    assertThat(sessions.use(begun.token())).isPresent();
    assertThat(sessions.use(begun.token() + "x")).isEmpty();
    now = now.plusSeconds(301);
    assertThat(sessions.use(begun.token())).isEmpty();
    assertThat(sessions.all()).isEmpty();
  }

  @Test
  void sessionsAreBounded() {
    Sessions sessions = new Sessions(Duration.ofMinutes(5), () -> now);
    for (int i = 0; i < Sessions.MOST; i++) {
      assertThat(sessions.begin(ENTERED)).isPresent();
    }
    assertThat(sessions.begin(ENTERED)).isEmpty();
  }
}
