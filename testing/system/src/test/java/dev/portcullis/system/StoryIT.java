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
    tell(Story.begin(StorySite.make(folder, StorySite.Desk.EMBEDDED)));
  }

  /// Whoever manages it sees and does everything over HTTPS.
  @Test
  void restClientSeesAndDoesAllOfIt() throws Exception {
    StorySite site = StorySite.make(folder, StorySite.Desk.EMBEDDED).withRedfish();
    tell(Story.begin(site, Story.Managed.FROM_AFAR));
  }

  @Test
  @Tag("slow")
  void linuxInQemuIsVerifiedRemediedInfectedContainedRebuiltAndTrustedAgain() throws Exception {
    tell(Story.begin(StorySite.make(folder, StorySite.Desk.QEMU)));
  }

  private void tell(Story begun) throws Exception {
    try (Story story = begun) {
      for (StoryStep step : StoryStep.values()) {
        step.tell(story);
      }
      story.wireTellsTheSame();
      story.logTellsAll();
    }
  }
}
