package dev.portcullis.devices.net;

/// Who serves one queue; called by one thread.
interface QueueService {
  /// Frames or commands served before it is another queue's turn.
  int BATCH = 64;

  /// Serves what is there, up to a batch.
  Turn turn();

  /// Asks to be told of what comes next. What came before must be looked for again afterwards.
  ///
  /// @return whether memory could be reached
  boolean askForNotice();
}
