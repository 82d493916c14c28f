package dev.portcullis.vmm.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.random.Seed;
import dev.portcullis.net.packet.Packet;
import dev.portcullis.vmm.filter.RandomRules.Kind;
import dev.portcullis.vmm.filter.rule.Chain;
import dev.portcullis.vmm.filter.rule.Part;
import dev.portcullis.vmm.filter.rule.Part.Counter;
import dev.portcullis.vmm.filter.rule.Rule;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.Table;
import dev.portcullis.vmm.filter.run.Established;
import dev.portcullis.vmm.filter.run.Firewall;
import dev.portcullis.vmm.filter.text.RulesetText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FirewallPropertyTest {
  private static final int RULESETS = 2_000;
  private static final int FRAMES = 25;

  /// Rules made ready say of each frame what the rules say when they are read one by one, and count
  /// as often.
  @Test
  void judgesAsTheRulesRead() throws Exception {
    Map<Decision, Integer> decisions = new EnumMap<>(Decision.class);
    for (int i = 0; i < RULESETS; i++) {
      RandomRules random = new RandomRules(Seed.ofThisRun().random(i), Kind.OF_ONE_FRAME);
      Ruleset ruleset = random.ruleset();
      NaiveRules naive = new NaiveRules(ruleset);
      Firewall firewall = new Firewall(entry -> {});
      firewall.load(ruleset, Established.KEEP);
      for (int j = 0; j < FRAMES; j++) {
        Sketch sketch = random.frame();
        Hook hook = random.hook();
        int vlanId = random.vlanId();
        String in = random.port(true);
        String out = random.port(hook != Hook.PREROUTING);
        Decision expected = naive.judge(hook, sketch, vlanId, in, out);
        Decision actual = firewall.inspect(Packet.of(sketch.frame()), in, vlanId).judge(hook, out);
        assertThat(actual)
            .as("%s, %s %s>%s\n%s", Seed.ofThisRun(), sketch.values(), in, out, text(ruleset))
            .isEqualTo(expected);
        decisions.merge(actual, 1, Integer::sum);
      }
      assertThat(frames(firewall.ruleset().orElseThrow()))
          .as("%s\n%s", Seed.ofThisRun(), text(ruleset))
          .isEqualTo(expectedFrames(ruleset, naive));
    }
    assertThat(decisions).containsOnlyKeys(Decision.ACCEPT, Decision.DROP, Decision.REJECT);
    assertThat(decisions.values()).allMatch(count -> count > RULESETS / 4);
  }

  private static String text(Ruleset ruleset) {
    return RulesetText.print(ruleset);
  }

  private static List<Rule> rules(Ruleset ruleset) {
    List<Rule> rules = new ArrayList<>();
    for (Table table : ruleset.tables()) {
      for (Chain chain : table.chains()) {
        rules.addAll(chain.rules());
      }
    }
    return rules;
  }

  private static List<Long> frames(Ruleset ruleset) {
    List<Long> frames = new ArrayList<>();
    for (Rule rule : rules(ruleset)) {
      for (Part part : rule.parts()) {
        if (part instanceof Counter counter) {
          frames.add(counter.frames());
        }
      }
    }
    return frames;
  }

  private static List<Long> expectedFrames(Ruleset ruleset, NaiveRules naive) {
    List<Long> frames = new ArrayList<>();
    for (Rule rule : rules(ruleset)) {
      for (Part part : rule.parts()) {
        if (part instanceof Counter counter) {
          frames.add(counter.frames() + naive.counted(rule));
        }
      }
    }
    return frames;
  }

  @Test
  void whatIsPrintedIsReadTheSame() throws Exception {
    for (int i = 0; i < RULESETS; i++) {
      Ruleset ruleset = new RandomRules(Seed.ofThisRun().random(i), Kind.ALL).ruleset();
      String text = text(ruleset);
      assertThat(RulesetText.parse("random", text))
          .as("%s\n%s", Seed.ofThisRun(), text)
          .isEqualTo(ruleset);
    }
  }

  /// Whatever a frame is, it is judged: never by an exception that was caught.
  @Test
  void hostileFramesAreJudged() throws Exception {
    SplittableRandom bytes = Seed.ofThisRun().random(-1);
    for (int i = 0; i < 200; i++) {
      RandomRules random = new RandomRules(Seed.ofThisRun().random(i), Kind.ALL);
      Firewall firewall = new Firewall(entry -> {});
      firewall.load(random.ruleset(), Established.CUT);
      for (int j = 0; j < 100; j++) {
        byte[] frame = random.frame().frame();
        for (int change = bytes.nextInt(6); change > 0; change--) {
          frame[bytes.nextInt(frame.length)] = (byte) bytes.nextInt();
        }
        byte[] cut = Arrays.copyOf(frame, bytes.nextInt(frame.length + 1));
        Inspection inspection =
            firewall.inspect(Packet.of(bytes.nextBoolean() ? frame : cut), "user", 1);
        for (Hook hook : Hook.values()) {
          assertThat(inspection.judge(hook, "uplink")).isNotEqualTo(Decision.FAILED);
          assertThat(inspection.answer()).isNotNull();
        }
      }
    }
  }
}
