package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.VictimProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The story, each step in a process of its own that is killed after it: management and the
/// platform with it, which is one process.
@Tag("slow")
class StoryKillIT {
  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(StorySite.Desk.class)
  void whereverItIsKilledItGoesOnAsItWas_andNobodyGetsFurtherMeanwhile(StorySite.Desk desk)
      throws Exception {
    StorySite site = StorySite.make(folder, desk);
    String before = "";
    for (String step : steps()) {
      tellAndKill(site, step, before);
      before = step;
    }
    try (Story story = Story.goOn(site)) {
      story.goesOnAfter(StoryStep.valueOf(before));
      story.logTellsAll();
    }
  }

  /// Two processes for the rebuild: one is killed halfway, the other finds it complete.
  private static List<String> steps() {
    List<String> steps = new ArrayList<>();
    for (StoryStep step : StoryStep.values()) {
      steps.add(step == StoryStep.IS_REBUILT ? StoryTeller.HALFWAY : step.name());
    }
    return steps;
  }

  private static void tellAndKill(StorySite site, String step, String before) throws Exception {
    List<String> arguments =
        new ArrayList<>(List.of(site.folder().toString(), site.desk().name(), step));
    if (!before.isEmpty()) {
      arguments.add(before);
    }
    try (VictimProcess teller =
        VictimProcess.start(StoryTeller.class, arguments.toArray(String[]::new))) {
      assertThat(teller.line()).isEqualTo(step);
      teller.kill();
    }
  }
}
