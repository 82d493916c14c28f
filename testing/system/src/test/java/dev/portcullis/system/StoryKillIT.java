package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.VictimProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The story, each step in a process of its own that is killed after it: management and the
/// platform with it, which is one process.
@Tag("slow")
class StoryKillIT {
  @TempDir private Path folder;

  @Test
  void whereverItIsKilledItGoesOnAsItWas_andNobodyGetsFurtherMeanwhile() throws Exception {
    StorySite site = StorySite.make(folder, StorySite.Desk.EMBEDDED);
    String before = "";
    for (String step : steps()) {
      tellAndKill(step, before);
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

  private void tellAndKill(String step, String before) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(folder.toString(), step));
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
