package dev.portcullis.devices.nvme;

/// Executes the commands of a kind of queue.
interface CommandSet {
  /// Executes `command` to its end and says in `reply` how it went. `data` is how to move its data;
  /// it belongs to the queue's worker.
  void execute(Command command, Reply reply, DataPath data);
}
