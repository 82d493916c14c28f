package dev.portcullis.qtest.server;

/// What a command does.
@FunctionalInterface
interface Command {
  String OK = "OK";

  /// Carries it out.
  ///
  /// @return the answer, without the end of its line
  String run(Words words) throws Refused;
}
