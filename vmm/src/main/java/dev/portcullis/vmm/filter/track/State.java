package dev.portcullis.vmm.filter.track;

/// What a packet is to the connections that are known. In the order of the numbers in rulesets.
public enum State {
  /// It belongs to no connection and cannot open one.
  INVALID,
  /// It belongs to a connection that has seen packets both ways.
  ESTABLISHED,
  /// It tells of an error of a connection.
  RELATED,
  /// It opens a connection, or belongs to one that nobody has answered yet.
  NEW,
  /// It is of a kind that has no connections.
  UNTRACKED
}
