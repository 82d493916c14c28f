package dev.portcullis.system;

import java.io.IOException;
import java.nio.file.Path;

/// Tells one step of the story in a process of its own, and waits for being killed.
final class StoryTeller {
  /// Has the rebuild of the step stop halfway.
  static final String HALFWAY = "halfway";

  private StoryTeller() {}

  /// @param arguments folder and desk of a [StorySite]; a step, or [#HALFWAY]; the step before, if
  ///   there was one
  public static void main(String[] arguments) throws Exception {
    StorySite site = new StorySite(Path.of(arguments[0]), StorySite.Desk.valueOf(arguments[1]));
    try {
      Story story = arguments.length > 3 ? goOn(site, arguments[3]) : Story.begin(site);
      if (arguments[2].equals(HALFWAY)) {
        story.isRebuilt((step, fraction) -> {
          if (fraction >= 0.5) {
            told(HALFWAY);
          }
        });
      } else {
        StoryStep.valueOf(arguments[2]).tell(story);
      }
    } catch (Exception | AssertionError e) {
      e.printStackTrace();
      System.exit(1);
    }
    told(arguments[2]);
  }

  private static Story goOn(StorySite site, String before) throws Exception {
    Story story = Story.goOn(site);
    if (before.equals(HALFWAY)) {
      story.rebuildIsCompleted();
      story.goesOnAfter(StoryStep.IS_REBUILT);
    } else {
      story.goesOnAfter(StoryStep.valueOf(before));
    }
    return story;
  }

  private static void told(String what) {
    System.out.println(what);
    System.out.flush();
    try {
      System.in.read();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
