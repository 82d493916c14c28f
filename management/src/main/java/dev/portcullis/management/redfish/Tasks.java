package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.Resource.map;

import dev.portcullis.management.recovery.DataDisk;
import dev.portcullis.management.recovery.Recovery;
import dev.portcullis.management.recovery.RecoveryException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Rebuilds that were asked for, as tasks.
final class Rebuilds {
  static final String PATH = "/redfish/v1/TaskService";
  private static final int MOST = 32;

  private final Recovery recovery;
  private final Map<String, Task> tasks = new LinkedHashMap<>();
  private long last;

  Rebuilds(Recovery recovery) {
    this.recovery = recovery;
  }

  /// One of them.
  private static final class Task {
    private final String id;
    private final String partition;
    private final Instant start = Instant.now();
    private String state = "Running";
    private String step = "it is rebuilt";
    private int percent;

    private Task(String id, String partition) {
      this.id = id;
      this.partition = partition;
    }
  }

  /// Has a partition rebuilt.
  ///
  /// @return the task's address; nothing if there are too many that are not done
  synchronized Optional<String> begin(String partition, DataDisk data) {
    if (tasks.size() >= MOST) {
      Optional<Task> done =
          tasks.values().stream().filter(one -> !one.state.equals("Running")).findFirst();
      if (done.isEmpty()) {
        return Optional.empty();
      }
      tasks.remove(done.get().id);
    }
    Task task = new Task(Long.toString(++last), partition);
    tasks.put(task.id, task);
    Thread.ofPlatform().daemon().name("rebuild of " + partition).start(() -> rebuild(task, data));
    return Optional.of(PATH + "/Tasks/" + task.id);
  }

  private void rebuild(Task task, DataDisk data) {
    try {
      recovery.rebuild(
          task.partition, data, (step, fraction) -> note(task, "Running", step, fraction));
      note(task, "Completed", "it was rebuilt", 1);
    } catch (RecoveryException e) {
      note(task, "Exception", e.getMessage(), 0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void note(Task task, String state, String step, double fraction) {
    task.state = state;
    task.step = step;
    task.percent = Math.clamp(Math.round(fraction * 100), task.percent, 100);
  }

  /// @param at path below `TaskService`
  synchronized Optional<Resource> find(List<String> at) {
    if (at.isEmpty()) {
      return Optional.of(
          Resource.of(PATH, "#TaskService.v1_2_0.TaskService", "Rebuilds")
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
          Resource.collection(PATH + "/Tasks", "Task", "Rebuilds", List.copyOf(tasks.keySet())));
    }
    return at.size() > 2
        ? Optional.empty()
        : Optional.ofNullable(tasks.get(at.get(1))).map(Rebuilds::task);
  }

  private static Resource task(Task task) {
    boolean failed = task.state.equals("Exception");
    return Resource.of(
            PATH + "/Tasks/" + task.id, "#Task.v1_7_3.Task", "Rebuild of " + task.partition)
        .with("TaskState", task.state)
        .with("TaskStatus", failed ? "Critical" : "OK")
        .with("StartTime", task.start.toString())
        .with("PercentComplete", task.percent)
        .with(
            "Messages",
            List.of(
                map(
                    "MessageId",
                    "Base.1.18." + (failed ? "GeneralError" : "Success"),
                    "Message",
                    task.step)));
  }
}
