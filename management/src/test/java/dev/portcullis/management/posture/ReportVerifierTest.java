package dev.portcullis.management.posture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.management.posture.ReportRefusedException.Refusal;
import dev.portcullis.management.state.StateStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportVerifierTest {
  private static final Instant START = Instant.parse("2026-01-31T12:00:00Z");
  private static final Duration FRESH = Duration.ofSeconds(60);
  private static final Map<String, Map<String, Object>> FACTS =
      Map.of(
          "posture",
          Map.of("kernel", "6.12", "packages", List.of(Map.of("name", "a", "version", "1"))));

  @TempDir private Path folder;
  private Instant now = START;
  private StateStore state;
  private ReportKey key;
  private ReportVerifier verifier;

  @BeforeEach
  void open() throws Exception {
    state = StateStore.open(folder.resolve("state"));
    key = ReportKey.of(state);
    verifier = verifier();
  }

  private ReportVerifier verifier() {
    return new ReportVerifier(key.publicKey(), state, () -> now, FRESH);
  }

  private PostureReport report(String challenge) {
    return new PostureReport("user", verifier.next("user"), challenge, now, FACTS);
  }

  private void refused(SignedReport report, Refusal refusal, String why) {
    assertThatThrownBy(() -> verifier.accept("user", report))
        .isInstanceOfSatisfying(
            ReportRefusedException.class, e -> assertThat(e.refusal()).isEqualTo(refusal))
        .hasMessageContaining(why);
  }

  @Test
  void whatWasSignedIsAccepted() throws Exception {
    PostureReport report = report(verifier.challenge("user"));

    PostureReport accepted = verifier.accept("user", key.sign(report));

    assertThat(accepted).isEqualTo(report);
    assertThat(accepted.sequence()).isEqualTo(START.toEpochMilli());
  }

  @Test
  void everyFlippedBitIsAForgery() throws Exception {
    SignedReport good = key.sign(report(verifier.challenge("user")));
    for (int i = 0; i < good.json().length * 8; i += 7) {
      byte[] json = good.json().clone();
      json[i / 8] ^= (byte) (1 << i % 8);
      refused(new SignedReport(json, good.signature()), Refusal.FORGED, "not signed");
    }
    for (int i = 0; i < good.signature().length * 8; i++) {
      byte[] signature = good.signature().clone();
      signature[i / 8] ^= (byte) (1 << i % 8);
      refused(new SignedReport(good.json(), signature), Refusal.FORGED, "not signed");
    }
    refused(new SignedReport(good.json(), new byte[0]), Refusal.FORGED, "not signed");
    verifier.accept("user", good);
  }

  @Test
  void reportSignedWithAnotherKeyIsForged() throws Exception {
    ReportKey other = ReportKey.of(StateStore.open(folder.resolve("other")));
    refused(other.sign(report(verifier.challenge("user"))), Refusal.FORGED, "not signed");
  }

  @Test
  void reportAboutAnotherPartitionIsForged() throws Exception {
    SignedReport report = key.sign(report(verifier.challenge("user")));
    verifier.challenge("other");
    assertThatThrownBy(() -> verifier.accept("other", report))
        .hasMessage("the report is about partition user");
  }

  @Test
  void reportIsAcceptedOnce() throws Exception {
    SignedReport report = key.sign(report(verifier.challenge("user")));
    verifier.accept("user", report);
    refused(report, Refusal.REPLAYED, "another challenge");
    verifier.challenge("user");
    refused(report, Refusal.REPLAYED, "another challenge");
  }

  @Test
  void reportForAnEarlierChallengeIsAReplay() throws Exception {
    SignedReport report = key.sign(report(verifier.challenge("user")));
    assertThat(verifier.challenge("user")).matches("[0-9a-f]{32}");
    refused(report, Refusal.REPLAYED, "another challenge");
  }

  @Test
  void numbersOnlyGrowAlsoAfterASuddenEndAndWhenTheClockGoesBack() throws Exception {
    verifier.accept("user", key.sign(report(verifier.challenge("user"))));
    now = START.minusSeconds(3600);
    verifier = verifier();
    String challenge = verifier.challenge("user");
    PostureReport old = new PostureReport("user", START.toEpochMilli(), challenge, now, FACTS);
    refused(key.sign(old), Refusal.REPLAYED, "comes after report");

    verifier.accept("user", key.sign(report(challenge)));
  }

  @Test
  void oldReportsAndReportsOfTimesToComeAreStale() throws Exception {
    String challenge = verifier.challenge("user");
    SignedReport report = key.sign(report(challenge));
    now = START.plus(FRESH).plusMillis(1);
    refused(report, Refusal.STALE, "was made at 2026-01-31T12:00:00Z");
    now = START.minusSeconds(6);
    refused(report, Refusal.STALE, "and it is");
    now = START.plus(FRESH);
    verifier.accept("user", report);
  }

  @Test
  void largeReportIsNotLookedAt() {
    SignedReport large = new SignedReport(new byte[ReportVerifier.MOST_BYTES + 1], new byte[64]);
    refused(large, Refusal.OVERSIZED, "more than 2097152");
  }

  @Test
  void signedRubbishIsNoReport() throws Exception {
    for (String json :
        List.of(
            "",
            "[]",
            "{}",
            "{\"facts\":{}}",
            "[".repeat(5000),
            "{\"partition\":\"user\",\"facts\":{\"posture\":1},\"sequence\":1,"
                + "\"challenge\":\"\",\"collected\":\"now\"}")) {
      assertThatThrownBy(() -> PostureReport.ofJson(json.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOf(ReportRefusedException.class);
    }
  }

  @Test
  void keyStaysAndADamagedOneIsReplaced() throws Exception {
    assertThat(ReportKey.of(state).publicKey()).isEqualTo(key.publicKey());
    SignedReport before = key.sign(report(verifier.challenge("user")));
    Path file = folder.resolve("state").resolve("posture.key.state");
    Files.writeString(file, "x");
    key = ReportKey.of(state);
    verifier = verifier();
    refused(before, Refusal.FORGED, "not signed");
  }
}
