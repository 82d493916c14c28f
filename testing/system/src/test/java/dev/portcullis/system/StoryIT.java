package dev.portcullis.system;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// All services together: a partition from its verified boot to an outbreak, and back.
class StoryIT {
  @TempDir private Path folder;

  @Test
  void embeddedPartitionIsVerifiedRemediedInfectedContainedRebuiltAndTrustedAgain()
      throws Exception {
    tell(StorySite.Desk.EMBEDDED);
  }

  @Test
  @Tag("slow")
  void linuxInQemuIsVerifiedRemediedInfectedContainedRebuiltAndTrustedAgain() throws Exception {
    tell(StorySite.Desk.QEMU);
  }

  private void tell(StorySite.Desk desk) throws Exception {
    try (Story story = Story.begin(StorySite.make(folder, desk))) {
      for (StoryStep step : StoryStep.values()) {
        step.tell(story);
      }
      story.wireTellsTheSame();
      story.logTellsAll();
    }
  }
}
