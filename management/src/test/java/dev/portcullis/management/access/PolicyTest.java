package dev.portcullis.management.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.management.access.AccessDecision.Verdict;
import dev.portcullis.management.enforcement.AccessLevel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {
  private static final String POLICY =
      """
      policy: office
      rules:
        - name: firewall
          when: posture.firewall.enabled == false
          result: denied
          reason: The firewall is off.
        - name: old browser
          when: posture.packages.exists(p, p.name == "browser" && compareVersions(p.version, "2.1") < 0)
          result: conditional
          rules: updates.nft
          reason: The browser is out of date.
        - name: the rest
          when: boot.verdict == "verified" && report.age < 60
          result: unrestricted
          reason: All is well.
      """;

  private static final String UPDATES =
      """
      table bridge updates {
        chain forward { type filter hook forward priority 0; policy drop; ether type arp accept; }
      }
      """;

  @TempDir private Path folder;

  private Policy policy(String yaml) throws Exception {
    Files.writeString(folder.resolve("updates.nft"), UPDATES);
    return PolicyFile.parse("office.yaml", folder, yaml);
  }

  private static Facts facts(boolean firewall, String browser, long age) {
    return Facts.of("user")
        .with(
            "posture",
            Map.of(
                "firewall",
                Map.of("enabled", firewall),
                "packages",
                List.of(
                    Map.of("name", "libc6", "version", "1"),
                    Map.of("name", "browser", "version", browser))))
        .with("boot", Map.of("verdict", "verified"))
        .with("report", Map.of("age", age));
  }

  /// A policy of one rule.
  private Policy condition(String when) throws Exception {
    return policy(
        """
        policy: one
        rules:
          - {name: it, when: '%s', result: unrestricted, reason: It holds.}
        """
            .formatted(when));
  }

  @Test
  void firstRuleThatHoldsDecides() throws Exception {
    Policy policy = policy(POLICY);

    AccessDecision well = policy.decide(facts(true, "2.1-1", 5));
    assertThat(well.verdict()).isEqualTo(Verdict.UNRESTRICTED);
    assertThat(well.rule()).contains("the rest");
    assertThat(well.trace()).hasSize(3);
    AccessDecision old = policy.decide(facts(true, "2.1~rc1", 5));
    assertThat(old.verdict()).isEqualTo(Verdict.CONDITIONAL);
    assertThat(old.reason()).isEqualTo("The browser is out of date.");
    assertThat(old.conditions()).isPresent();
    assertThat(old.toNetworkAccess().level()).isEqualTo(AccessLevel.CONDITIONAL);
    AccessDecision open = policy.decide(facts(false, "1", 5));
    assertThat(open.verdict()).isEqualTo(Verdict.DENIED);
    assertThat(open.toNetworkAccess().level()).isEqualTo(AccessLevel.REMEDIATION);
    assertThat(open.trace()).containsExactly("firewall: posture.firewall.enabled == false is true");
  }

  @Test
  void noRuleThatHoldsMeansDenied() throws Exception {
    AccessDecision stale = policy(POLICY).decide(facts(true, "3", 60));
    assertThat(stale.verdict()).isEqualTo(Verdict.DENIED);
    assertThat(stale.reason()).isEqualTo("no rule of policy office holds");
    assertThat(stale.rule()).isEmpty();
  }

  @Test
  void whatIsNotKnownDeniesEvenWhereALaterRuleWouldHold() throws Exception {
    AccessDecision unknown = policy(POLICY).decide(Facts.of("user"));
    assertThat(unknown.verdict()).isEqualTo(Verdict.DENIED);
    assertThat(unknown.rule()).contains("firewall");
    assertThat(unknown.reason())
        .isEqualTo("rule firewall cannot be decided: key 'firewall' is not present in map.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "posture.number",
        "posture.number / 0 == 1",
        "posture.number > \"a\"",
        "posture.packages[7].name == \"x\"",
        "posture.packages.exists_one(p, p.nothing == 1)",
        "posture.list.all(a, posture.list.all(b, posture.list.all(c, a + b + c >= 0)))",
        "int(posture.text) == 3",
        "posture.text.matches(\"(\")",
        "9223372036854775807 + posture.number > 0"
      })
  void conditionThatCannotBeDecidedDenies(String when) throws Exception {
    List<Object> many = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      many.add(i);
    }
    Facts facts =
        Facts.of("user")
            .with(
                "posture",
                Map.of("number", 7, "text", "seven", "list", many, "packages", List.of(Map.of())));
    AccessDecision decision = condition(when).decide(facts);
    assertThat(decision.verdict()).isEqualTo(Verdict.DENIED);
    assertThat(decision.reason()).startsWith("rule it cannot be decided: ").doesNotContain("\n");
  }

  @Test
  void errorsBehindAShortCutDoNotCount() throws Exception {
    assertThat(
            condition("has(posture.firewall) && posture.firewall || partition == \"user\"")
                .decide(Facts.of("user"))
                .verdict())
        .isEqualTo(Verdict.UNRESTRICTED);
  }

  @Test
  void mistakesInAPolicyAreToldWithTheirLine() {
    refused("policy: x", "x.yaml:1: \"rules\" is missing");
    refused(rule("when: 'posture.'"), "x.yaml:4: rules[0].when: column 9 of the expression: ");
    refused(rule("when: antivirus"), "undeclared reference to 'antivirus'");
    refused(rule("when: '1 + 2'"), "it is of type int, no condition");
    refused(rule("when: '%s'".formatted("(".repeat(100) + ")".repeat(100))), "x.yaml:4: ");
    refused(rule("when: '%s'".formatted("1 == 1 && ".repeat(500) + "true")), "x.yaml:4: ");
    refused(rule("when: 'true'").replace("denied", "maybe"), "\"maybe\" is none of");
    refused(rule("when: 'true'").replace("denied", "conditional"), "\"rules\" is missing");
    refused(rule("when: 'true'\n    rules: updates.nft"), "only a conditional result has rules");
    refused(rule("when: 'true'\n    colour: red"), "colour");
    refused(rule("when: 'true'").replace("Because.", "x".repeat(501)), "1 to 500 characters");
  }

  private static String rule(String when) {
    return """
    policy: x
    rules:
      - name: one
        %s
        result: denied
        reason: Because.
    """
        .formatted(when);
  }

  private void refused(String yaml, String why) {
    assertThatThrownBy(
            () -> {
              Files.writeString(folder.resolve("updates.nft"), UPDATES);
              PolicyFile.parse("x.yaml", folder, yaml);
            })
        .isInstanceOf(MachineFileException.class)
        .hasMessageStartingWith("x.yaml:")
        .hasMessageContaining(why);
  }

  @Test
  void hugeFilesAreRefused() throws Exception {
    Path file = Files.writeString(folder.resolve("huge.yaml"), "#".repeat((1 << 20) + 1));
    assertThatThrownBy(() -> PolicyFile.read(file)).hasMessageContaining("more than 1 MiB");
    assertThatThrownBy(() -> FactsFile.read(file)).hasMessageContaining("more than 1 MiB");
    assertThatThrownBy(() -> FactsFile.read(folder.resolve("none.yaml")))
        .hasMessageContaining("there is no such file");
  }

  @Test
  void factsAreReadFromYamlAndJson() throws Exception {
    Facts yaml =
        FactsFile.parse(
            "facts.yaml", "partition: user\nposture: {n: 1, list: [a, {b: true}], f: 1.5}\n");
    Facts json =
        FactsFile.parse(
            "facts.json",
            "{\"partition\": \"user\", \"posture\":"
                + " {\"n\":1,\"list\":[\"a\",{\"b\":true}],\"f\":1.5}}");
    assertThat(yaml).isEqualTo(json);
    assertThat(yaml.areas().get("posture")).containsEntry("n", 1L);
    assertThatThrownBy(() -> FactsFile.parse("f", "weather: {sun: true}"))
        .hasMessage(
            "f: there are no facts \"weather\"; known are partition, posture, platform, boot,"
                + " memory, report");
    assertThatThrownBy(() -> FactsFile.parse("f", "posture: 1"))
        .hasMessage("f: posture: a mapping is needed here");
    assertThatThrownBy(() -> FactsFile.parse("f", "posture: {x: null}"))
        .hasMessage("f: null is no fact: leave it out");
    assertThatThrownBy(() -> FactsFile.parse("f", "a: [")).hasMessageStartingWith("f:1: ");
    assertThatThrownBy(() -> FactsFile.parse("f", "")).hasMessageStartingWith("f:1: ");
  }

  @Test
  void factsWithinFactsAreBounded() {
    Object deep = "x";
    for (int i = 0; i < 40; i++) {
      deep = List.of(deep);
    }
    Map<String, Object> area = Map.of("deep", deep);
    assertThatIllegalArgumentException().isThrownBy(() -> Facts.of("user").with("posture", area));
  }
}
