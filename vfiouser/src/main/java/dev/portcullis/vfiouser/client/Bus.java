package dev.portcullis.vfiouser.client;

/// Where the device's reads and writes by message arrive. Called on the client's own thread.
public interface Bus {
  /// The `count` bytes at `address`, or `null` to refuse.
  byte[] read(long address, int count);

  /// Takes `data` at `address`.
  ///
  /// @return whether it does
  boolean write(long address, byte[] data);

  /// A bus on which nothing answers.
  static Bus empty() {
    return new Bus() {
      @Override
      public byte[] read(long address, int count) {
        return null;
      }

      @Override
      public boolean write(long address, byte[] data) {
        return false;
      }
    };
  }
}
