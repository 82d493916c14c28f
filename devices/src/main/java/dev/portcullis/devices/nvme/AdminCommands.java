package dev.portcullis.devices.nvme;

/// The admin command set.
///
/// @nvme 5 Admin Command Set
final class AdminCommands implements CommandSet {
  private static final int DELETE_SUBMISSION_QUEUE = 0x00;
  private static final int CREATE_SUBMISSION_QUEUE = 0x01;
  private static final int GET_LOG_PAGE = 0x02;
  private static final int DELETE_COMPLETION_QUEUE = 0x04;
  private static final int CREATE_COMPLETION_QUEUE = 0x05;
  private static final int IDENTIFY = 0x06;
  private static final int ABORT = 0x08;
  private static final int SET_FEATURES = 0x09;
  private static final int GET_FEATURES = 0x0a;
  private static final int ASYNC_EVENT_REQUEST = 0x0c;
  private static final int DOORBELL_BUFFER_CONFIG = 0x7c;

  private static final int NOT_ABORTED = 1;

  private final Engine engine;
  private final QueueCommands queues;
  private final Identify identify;
  private final LogPages logs;

  AdminCommands(Engine engine, IoEntrySizes sizes) {
    this.engine = engine;
    queues = new QueueCommands(engine, sizes);
    identify = new Identify(engine.drive());
    logs = new LogPages(engine.drive(), engine.features(), engine.events());
  }

  /// Marks the commands there are in the effects log.
  ///
  /// @nvme 5.14.1.5 Commands Supported and Effects (Log Identifier 05h)
  static void describeEffects(Page page) {
    int[] supported = {
      DELETE_SUBMISSION_QUEUE,
      CREATE_SUBMISSION_QUEUE,
      GET_LOG_PAGE,
      DELETE_COMPLETION_QUEUE,
      CREATE_COMPLETION_QUEUE,
      IDENTIFY,
      ABORT,
      SET_FEATURES,
      GET_FEATURES,
      ASYNC_EVENT_REQUEST,
      DOORBELL_BUFFER_CONFIG
    };
    for (int opcode : supported) {
      page.put(4 * opcode, 4, 1);
    }
  }

  @Override
  public void execute(Command command, Reply reply, DataPath data) {
    if (command.isExotic()) {
      reply.end(Status.INVALID_FIELD);
      return;
    }
    if (engine.events().holds(command.id())) {
      reply.end(Status.COMMAND_ID_CONFLICT);
      return;
    }
    switch (command.opcode()) {
      case DELETE_SUBMISSION_QUEUE -> reply.end(queues.deleteSubmission(command));
      case CREATE_SUBMISSION_QUEUE -> reply.end(queues.createSubmission(command));
      case GET_LOG_PAGE -> logs.execute(command, reply, data);
      case DELETE_COMPLETION_QUEUE -> reply.end(queues.deleteCompletion(command));
      case CREATE_COMPLETION_QUEUE -> reply.end(queues.createCompletion(command));
      case IDENTIFY -> identify.execute(command, reply, data);
      case ABORT -> abort(command, reply);
      case SET_FEATURES -> engine.features().set(command, reply, data);
      case GET_FEATURES -> engine.features().get(command, reply, data);
      case ASYNC_EVENT_REQUEST -> awaitEvent(command, reply);
      case DOORBELL_BUFFER_CONFIG -> reply.end(queues.shadowDoorbells(command));
      default -> reply.end(Status.INVALID_OPCODE);
    }
  }

  /// Aborts what waits: requests for events, and commands fetched but not begun. Those under way go
  /// on to their end.
  ///
  /// @nvme 5.1 Abort command
  private void abort(Command command, Reply reply) {
    int queueId = command.dword(10) & 0xffff;
    int commandId = command.dword(10) >>> 16;
    Worker worker = engine.queues().submission(queueId);
    boolean aborted = false;
    if (queueId == 0 && engine.events().release(commandId)) {
      worker.post(commandId, Status.ABORT_REQUESTED, 0);
      aborted = true;
    } else if (worker != null) {
      aborted = worker.abort(commandId);
    }
    reply.succeed(aborted ? 0 : NOT_ABORTED);
  }

  private void awaitEvent(Command command, Reply reply) {
    if (engine.events().hold(command.id())) {
      reply.hold();
    } else {
      reply.end(Status.EVENT_REQUEST_LIMIT_EXCEEDED);
    }
  }
}
