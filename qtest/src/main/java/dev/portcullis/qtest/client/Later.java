package dev.portcullis.qtest.client;

import dev.portcullis.qtest.wire.Numbers;

/// A number that the machine has been asked for, and that is there when it is looked at.
public final class Later {
  private final Reply reply;

  Later(Reply reply) {
    this.reply = reply;
  }

  /// The number; waits for it.
  public long value() throws QtestException {
    String text = reply.await();
    return Numbers.parse(text)
        .orElseThrow(() -> new QtestException("\"%s\" is no number".formatted(text)));
  }
}
