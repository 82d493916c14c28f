package dev.portcullis.vmm.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.vmm.filter.rule.Field;
import dev.portcullis.vmm.filter.rule.RejectWith;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.Unit;
import dev.portcullis.vmm.filter.rule.ValueType;
import dev.portcullis.vmm.filter.text.RulesetText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What docs/services/bridge.md says of rules is so.
class RulesetDocumentTest {
  private static final Pattern EXAMPLE = Pattern.compile("(?s)```nft\n(.*?)```");

  private static String document() throws IOException {
    Path root = Path.of(System.getProperty("portcullis.root"));
    return Files.readString(root.resolve("docs/services/bridge.md"));
  }

  @Test
  void examplesAreRulesets() throws Exception {
    List<String> examples =
        EXAMPLE.matcher(document()).results().map(found -> found.group(1)).toList();
    assertThat(examples).hasSize(2);
    for (String example : examples) {
      Ruleset ruleset = RulesetText.parse("docs/services/bridge.md", example);
      assertThat(RulesetText.parse("printed", RulesetText.print(ruleset))).isEqualTo(ruleset);
    }
  }

  @Test
  void namesEverythingThatThereIs() throws Exception {
    String text = document();
    for (Field field : Field.values()) {
      assertThat(text).contains("`" + field.words() + "`");
    }
    for (ValueType type : ValueType.values()) {
      type.setName().ifPresent(name -> assertThat(text).contains("\"" + name + "\""));
    }
    for (RejectWith with : RejectWith.values()) {
      String[] words = with.words().split(" ");
      assertThat(text).contains("\"" + words[0] + "\"", "\"" + words[1] + "\"");
    }
    for (Hook hook : Hook.values()) {
      assertThat(text).contains("| `" + hook.word() + "` |");
    }
    for (Unit unit : Unit.values()) {
      assertThat(text).contains("\"" + unit.word() + "\"");
    }
  }
}
