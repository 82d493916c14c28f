package dev.portcullis.unit.register;

/// What follows when software has written a register.
@FunctionalInterface
public interface WriteEffect {

  /// A write without consequences.
  WriteEffect NONE = (before, after, written) -> {};

  /// @param before what the register held
  /// @param after what it holds now
  /// @param written what software wrote, 0 in the byte lanes that it left alone
  void written(long before, long after, long written);
}
