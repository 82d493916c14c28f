package dev.portcullis.vmm.console;

/// What somebody at a console is given to read.
public sealed interface Output {

  /// What the guest wrote.
  ///
  /// @param at position of the first byte, counted from the first one ever written
  /// @param bytes no copy: the reader's
  record Guest(long at, byte[] bytes) implements Output {
    /// Position behind them.
    public long next() {
      return at + bytes.length;
    }
  }

  /// What is said of the console itself.
  record Notice(String text) implements Output {}
}
