package dev.portcullis.qtest.client;

/// The answer to one command, once it is there.
final class Reply {
  private static final int QUOTED_CHARS = 80;

  private final Conversation conversation;
  private final String command;
  private String answer;

  Reply(Conversation conversation, String command) {
    this.conversation = conversation;
    this.command =
        command.length() <= QUOTED_CHARS ? command : command.substring(0, QUOTED_CHARS) + "…";
  }

  void complete(String line) {
    answer = line;
  }

  boolean isThere() {
    return answer != null;
  }

  /// What follows `OK`.
  ///
  /// @throws QtestException if the machine has refused, or is gone
  String await() throws QtestException {
    conversation.await(this);
    return outcome();
  }

  /// What follows `OK` in the answer, which is there.
  String outcome() throws QtestException {
    if (answer.equals("OK")) {
      return "";
    }
    if (answer.startsWith("OK ")) {
      return answer.substring(3);
    }
    throw new QtestException("%s: %s".formatted(command, answer));
  }
}
