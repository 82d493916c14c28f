package dev.portcullis.devices.nvme;

import dev.portcullis.devices.nvme.CompletionQueue.Signalling;

/// Creates and deletes I/O queues.
final class QueueCommands {
  private static final int CONTIGUOUS = 1;
  private static final int INTERRUPTS = 1 << 1;

  private final Engine engine;
  private final Queues queues;
  private final IoEntrySizes sizes;

  QueueCommands(Engine engine, IoEntrySizes sizes) {
    this.engine = engine;
    this.sizes = sizes;
    queues = engine.queues();
  }

  private static int queueId(Command command) {
    return command.dword(10) & 0xffff;
  }

  private static int entries(Command command) {
    return (command.dword(10) >>> 16) + 1;
  }

  private boolean isLegalSize(int entries) {
    return entries >= 2 && entries <= engine.drive().options().queueEntries();
  }

  /// What both kinds of queue want of their memory: in one piece, aligned to a page.
  private Status memoryOf(Command command) {
    if ((command.dword(11) & CONTIGUOUS) == 0) {
      return Status.INVALID_FIELD;
    }
    boolean aligned = (command.prp1() & engine.pageBytes() - 1) == 0;
    return aligned ? Status.SUCCESS : Status.PRP_OFFSET_INVALID;
  }

  /// @nvme 5.3 Create I/O Completion Queue command
  Status createCompletion(Command command) {
    int id = queueId(command);
    if (!queues.isIoId(id) || queues.completion(id) != null) {
      return Status.INVALID_QUEUE_IDENTIFIER;
    }
    if (!isLegalSize(entries(command)) || !sizes.completionFits()) {
      return Status.INVALID_QUEUE_SIZE;
    }
    Status memory = memoryOf(command);
    if (!memory.isSuccess()) {
      return memory;
    }
    int vector = command.dword(11) >>> 16;
    if (vector >= engine.vectors().count()) {
      return Status.INVALID_INTERRUPT_VECTOR;
    }
    boolean interrupting = (command.dword(11) & INTERRUPTS) != 0;
    Signalling signalling = interrupting ? Signalling.INTERRUPTS : Signalling.POLLED;
    CompletionQueue queue =
        new CompletionQueue(
            engine.port(), id, command.prp1(), entries(command), signalling, vector);
    if (!engine.shadow(queue)) {
      return Status.DATA_TRANSFER_ERROR;
    }
    queues.put(queue);
    return Status.SUCCESS;
  }

  /// @nvme 5.4 Create I/O Submission Queue command
  Status createSubmission(Command command) {
    int id = queueId(command);
    if (!queues.isIoId(id) || queues.submission(id) != null) {
      return Status.INVALID_QUEUE_IDENTIFIER;
    }
    int completionId = command.dword(11) >>> 16;
    if (!queues.isIoId(completionId)) {
      return Status.INVALID_QUEUE_IDENTIFIER;
    }
    CompletionQueue completions = queues.completion(completionId);
    if (completions == null) {
      return Status.COMPLETION_QUEUE_INVALID;
    }
    if (!isLegalSize(entries(command)) || !sizes.submissionFits()) {
      return Status.INVALID_QUEUE_SIZE;
    }
    Status memory = memoryOf(command);
    if (!memory.isSuccess()) {
      return memory;
    }
    var queue = new SubmissionQueue(id, command.prp1(), entries(command), completions);
    if (!engine.shadow(queue)) {
      return Status.DATA_TRANSFER_ERROR;
    }
    engine.start(queue);
    return Status.SUCCESS;
  }

  /// Commands fetched and not begun end as aborted; those not fetched are gone.
  ///
  /// @nvme 5.6 Delete I/O Submission Queue command
  Status deleteSubmission(Command command) {
    int id = queueId(command);
    Worker worker = queues.isIoId(id) ? queues.submission(id) : null;
    if (worker == null) {
      return Status.INVALID_QUEUE_IDENTIFIER;
    }
    worker.discard();
    worker.awaitEnd();
    queues.removeSubmission(id);
    return Status.SUCCESS;
  }

  /// @nvme 5.5 Delete I/O Completion Queue command
  Status deleteCompletion(Command command) {
    int id = queueId(command);
    CompletionQueue queue = queues.isIoId(id) ? queues.completion(id) : null;
    if (queue == null) {
      return Status.INVALID_QUEUE_IDENTIFIER;
    }
    if (!queues.usersOf(queue).isEmpty()) {
      return Status.INVALID_QUEUE_DELETION;
    }
    queues.removeCompletion(id);
    engine.vectors().consumed(queue);
    return Status.SUCCESS;
  }

  /// @nvme 5.7 Doorbell Buffer Config command
  Status shadowDoorbells(Command command) {
    if (((command.prp1() | command.prp2()) & engine.pageBytes() - 1) != 0) {
      return Status.INVALID_FIELD;
    }
    var pages = new ShadowDoorbell.Pages(command.prp1(), command.prp2());
    return engine.shadow(pages) ? Status.SUCCESS : Status.DATA_TRANSFER_ERROR;
  }
}
