package dev.portcullis.management.posture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.management.posture.ReportRefusedException.Refusal;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CollectorAnswerTest {
  private static final String CHALLENGE = "0123abcd";
  private static final String GOOD =
      """
      posture	1
      challenge	0123abcd
      product-information	debian	Debian GNU/Linux
      numeric-version	6	12	107
      string-version	13	6.12.107+deb13-cloud-amd64
      operational-status	operational	successful
      port-filter	on	nftables
      installed-package	bash	5.2.37-2+b5
      installed-package	openssl	3.5.4-1~deb13u1
      disk-encryption	nvme0n1	dm-crypt
      disk-encryption	nvme1n1	none
      end
      """;

  private static void refused(String answer, Refusal refusal, String why) {
    assertThatThrownBy(() -> CollectorAnswer.parse(answer, CHALLENGE))
        .isInstanceOfSatisfying(
            ReportRefusedException.class, e -> assertThat(e.refusal()).isEqualTo(refusal))
        .hasMessageContaining(why);
  }

  @Test
  void attributesBecomeFacts() throws Exception {
    assertThat(PostureFacts.of(CollectorAnswer.parse(GOOD, CHALLENGE)))
        .containsEntry(
            "operating_system",
            Map.of(
                "vendor",
                "debian",
                "name",
                "Debian GNU/Linux",
                "version",
                "13",
                "kernel",
                "6.12.107+deb13-cloud-amd64"))
        .containsEntry("numeric_version", "6.12.107")
        .containsEntry("port_filter", Map.of("enabled", true, "kind", "nftables"))
        .containsEntry(
            "packages",
            List.of(
                Map.of("name", "bash", "version", "5.2.37-2+b5"),
                Map.of("name", "openssl", "version", "3.5.4-1~deb13u1")))
        .containsEntry(
            "disk_encryption",
            Map.of("enabled", false, "disks", Map.of("nvme0n1", "dm-crypt", "nvme1n1", "none")))
        .extractingByKey("agent")
        .isEqualTo(Map.of("answered", true, "status", "operational", "result", "successful"));
  }

  @Test
  void diskThatIsNotThereIsNotEncrypted() throws Exception {
    String none = GOOD.replaceAll("disk-encryption.*\n", "");
    assertThat(PostureFacts.of(CollectorAnswer.parse(none, CHALLENGE)))
        .containsEntry("disk_encryption", Map.of("enabled", false, "disks", Map.of()));
    String one = GOOD.replace("nvme1n1\tnone", "nvme1n1\tdm-crypt");
    assertThat(PostureFacts.of(CollectorAnswer.parse(one, CHALLENGE)).get("disk_encryption"))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
        .containsEntry("enabled", true);
  }

  @Test
  void whatIsNotSaidIsNotThere() throws Exception {
    String bare = "posture\t1\nchallenge\t0123abcd\nend\n";
    assertThat(PostureFacts.of(CollectorAnswer.parse(bare, CHALLENGE)))
        .doesNotContainKeys("numeric_version", "port_filter", "agent")
        .containsEntry("packages", List.of());
  }

  @Test
  void answerToAnotherChallengeIsAReplay() {
    refused(GOOD.replace("0123abcd", "0123abce"), Refusal.REPLAYED, "another challenge");
  }

  @Test
  void answerThatNeverEndsIsRefusedUnread() {
    String flood = GOOD + "x".repeat(CollectorAnswer.MOST_CHARACTERS);
    refused(flood, Refusal.OVERSIZED, "more than 524288");
  }

  @Test
  void morePackagesThanThereCanBeAreRefused() {
    String many = "installed-package\ta\t1\n".repeat(4001);
    refused(GOOD.replace("end\n", many + "end\n"), Refusal.MALFORMED, "more of installed-package");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "port-filter\ton",
        "port-filter\ton\tnftables\tmore",
        "port-filter\ton\t",
        "port-filter\ton\t{\"on\":true}",
        "port-filter\ton\t\u001b[2J",
        "port-filter\toff\tnone\nport-filter\ton\tnftables",
        "signature\t00",
        "",
        "end",
        "posture\t1"
      })
  void wrongLineRefusesAll(String line) {
    refused(GOOD.replace("port-filter\ton\tnftables", line), Refusal.MALFORMED, "line ");
  }

  @Test
  void answerThatIsCutShortIsRefused() {
    for (int length = 0; length < GOOD.length() - 1; length++) {
      String cut = GOOD.substring(0, length);
      assertThatThrownBy(() -> CollectorAnswer.parse(cut, CHALLENGE))
          .isInstanceOf(ReportRefusedException.class);
    }
  }

  @Test
  void rubbishIsReadOrRefused() {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder(GOOD);
      for (int j = random.nextInt(1, 8); j > 0; j--) {
        text.setCharAt(random.nextInt(text.length()), (char) random.nextInt(256));
      }
      try {
        PostureFacts.of(CollectorAnswer.parse(text.toString(), CHALLENGE));
      } catch (ReportRefusedException e) {
        assertThat(e.getMessage()).isNotEmpty();
      }
    }
  }
}
