package dev.portcullis.devices.nvme;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// The queues there are at present, by their ids; 0 is the admin pair.
final class Queues {
  private final AtomicReferenceArray<Worker> submissions;
  private final AtomicReferenceArray<CompletionQueue> completions;

  /// @param most highest queue id
  Queues(int most) {
    submissions = new AtomicReferenceArray<>(most + 1);
    completions = new AtomicReferenceArray<>(most + 1);
  }

  /// Highest queue id there can be.
  int most() {
    return submissions.length() - 1;
  }

  private boolean exists(int id) {
    return id >= 0 && id < submissions.length();
  }

  /// The worker of a submission queue, or `null`.
  Worker submission(int id) {
    return exists(id) ? submissions.get(id) : null;
  }

  /// A completion queue, or `null`.
  CompletionQueue completion(int id) {
    return exists(id) ? completions.get(id) : null;
  }

  /// Whether an I/O queue could be made with this id: in range, and not the admin queue's.
  boolean isIoId(int id) {
    return id > 0 && exists(id);
  }

  void put(CompletionQueue queue) {
    completions.set(queue.id(), queue);
  }

  void put(Worker worker) {
    submissions.set(worker.queue().id(), worker);
  }

  void removeCompletion(int id) {
    completions.set(id, null);
  }

  void removeSubmission(int id) {
    submissions.set(id, null);
  }

  /// Whether there is any I/O queue.
  boolean hasIoQueues() {
    for (int id = 1; id <= most(); id++) {
      if (submissions.get(id) != null || completions.get(id) != null) {
        return true;
      }
    }
    return false;
  }

  /// The workers that post to `queue`.
  List<Worker> usersOf(CompletionQueue queue) {
    List<Worker> users = new ArrayList<>();
    for (int id = 0; id <= most(); id++) {
      Worker worker = submissions.get(id);
      if (worker != null && worker.queue().completions() == queue) {
        users.add(worker);
      }
    }
    return users;
  }

  /// Whether an interrupting queue of this vector has entries the host has not taken.
  boolean isPending(int vector) {
    for (int id = 0; id <= most(); id++) {
      CompletionQueue queue = completions.get(id);
      if (queue != null && queue.interrupts() && queue.vector() == vector && queue.isPending()) {
        return true;
      }
    }
    return false;
  }
}
