package dev.portcullis.pci;

/// Where a function's legacy interrupt pin leads. Level-triggered: it stays as it was last set.
///
/// @pcie 6.1.3 INTx Emulation
@FunctionalInterface
public interface IntxLine {
  /// The two states of the pin.
  enum Level {
    DEASSERTED,
    ASSERTED
  }

  void drive(Level level);

  /// A pin that leads nowhere.
  static IntxLine unconnected() {
    return level -> {};
  }
}
