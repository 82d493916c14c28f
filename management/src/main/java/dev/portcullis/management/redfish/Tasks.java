package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.Resource.map;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What was asked for and takes its time.
final class Tasks {
  static final String PATH = Services.ROOT + "/TaskService";
  private static final int MOST = 32;
  private static final String RUNNING = "Running";

  private final Map<String, Task> tasks = new LinkedHashMap<>();
  private long last;

  /// Nothing was asked for.
  Tasks() {}

  /// Told how far it is.
  @FunctionalInterface
  interface Progress {
    /// @param step for people
    /// @param fraction 0 to 1
    void report(String step, double fraction);
  }

  /// What came of something.
  ///
  /// @param isWell whether it is as it should be
  /// @param text for people
  record Said(boolean isWell, String text) {}

  /// Something to do.
  @FunctionalInterface
  interface Work {
    /// @throws Exception if it failed; the message is for people
    List<Said> run(Progress progress) throws Exception;
  }

  /// One of them.
  private static final class Task {
    private final String id;
    private final String name;
    private final Instant start = Instant.now();
    private String state = RUNNING;
    private List<Said> said = List.of(new Said(true, "it begins"));
    private int percent;

    private Task(String id, String name) {
      this.id = id;
      this.name = name;
    }
  }

  /// Has something done.
  ///
  /// @param name for people
  /// @return what to answer: where the task is, or that there are too many that are not done
  synchronized Reply begin(String name, Work work) {
    if (tasks.size() >= MOST) {
      Optional<Task> done =
          tasks.values().stream().filter(one -> !one.state.equals(RUNNING)).findFirst();
      if (done.isEmpty()) {
        return Reply.refusal(503, "ServiceTemporarilyUnavailable", "Too many tasks are under way.");
      }
      tasks.remove(done.get().id);
    }
    Task task = new Task(Long.toString(++last), name);
    tasks.put(task.id, task);
    Thread.ofPlatform().daemon().name(name).start(() -> run(task, work));
    Resource made = shown(task);
    return new Reply(202, made.body(), Map.of("Location", made.path()));
  }

  private void run(Task task, Work work) {
    try {
      List<Said> said =
          work.run(
              (step, fraction) -> note(task, RUNNING, List.of(new Said(true, step)), fraction));
      note(task, "Completed", said, 1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      String text = e.getMessage() == null ? e.toString() : e.getMessage();
      note(task, "Exception", List.of(new Said(false, text)), 0);
    }
  }

  private synchronized void note(Task task, String state, List<Said> said, double fraction) {
    task.state = state;
    task.said = List.copyOf(said);
    task.percent = Math.clamp(Math.round(fraction * 100), task.percent, 100);
  }

  /// @param at path below `TaskService`
  synchronized Optional<Resource> find(List<String> at) {
    if (at.isEmpty()) {
      return Optional.of(
          Resource.of(PATH, "#TaskService.v1_2_0.TaskService", "Tasks")
              .with("ServiceEnabled", true)
              .with("CompletedTaskOverWritePolicy", "Oldest")
              .with("Status", Resource.OK)
              .below("Tasks"));
    }
    if (!at.getFirst().equals("Tasks")) {
      return Optional.empty();
    }
    if (at.size() == 1) {
      return Optional.of(
          Resource.collection(PATH + "/Tasks", "Task", "Tasks", List.copyOf(tasks.keySet())));
    }
    return at.size() > 2
        ? Optional.empty()
        : Optional.ofNullable(tasks.get(at.get(1))).map(Tasks::shown);
  }

  private static Resource shown(Task task) {
    boolean isWell = task.said.stream().allMatch(Said::isWell);
    String bad = task.state.equals("Exception") ? "Critical" : "Warning";
    return Resource.of(PATH + "/Tasks/" + task.id, "#Task.v1_7_3.Task", task.name)
        .with("TaskState", task.state)
        .with("TaskStatus", isWell ? "OK" : bad)
        .with("StartTime", task.start.toString())
        .with("PercentComplete", task.percent)
        .with(
            "Messages",
            task.said.stream()
                .map(one ->
                    map(
                        "MessageId",
                        "Base.1.18." + (one.isWell ? "Success" : "GeneralError"),
                        "Message",
                        one.text,
                        "MessageSeverity",
                        one.isWell ? "OK" : bad))
                .toList());
  }
}
