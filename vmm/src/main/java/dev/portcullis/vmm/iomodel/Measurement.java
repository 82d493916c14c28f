package dev.portcullis.vmm.iomodel;

/// What the work has cost on one device in one model. The driver had set the device up, and the
/// code was warm, when counting began.
///
/// @param work what was done
/// @param nanos how long it took
/// @param cpu processor time that the program used meanwhile
/// @param monitor what the monitor had to do for it
/// @param dmaRequests requests that entered the remapping unit
public record Measurement(
    IoDevice device,
    IoModel model,
    Work work,
    long nanos,
    Cpu cpu,
    Toll monitor,
    long dmaRequests) {
  private static final double MEBIBYTE = 1 << 20;

  /// What was done.
  ///
  /// @param operations writes and reads, or frames sent and received
  /// @param bytes of data that they moved
  /// @param sent checksum of what was sent, in the order in which it was
  /// @param received checksum of what came back
  public record Work(long operations, long bytes, long sent, long received) {
    /// Whether the same came back.
    public boolean isEqual() {
      return sent == received;
    }
  }

  /// What the monitor did.
  ///
  /// @param traps accesses of the partition's processors that the monitor had to carry out
  /// @param copiedBytes bytes that it moved between the partition and what it plays
  /// @param interrupts those it put into the partition itself
  public record Toll(long traps, long copiedBytes, long interrupts) {
    Toll minus(Toll before) {
      return new Toll(
          traps - before.traps, copiedBytes - before.copiedBytes, interrupts - before.interrupts);
    }
  }

  /// Processor time of the program's Java threads.
  ///
  /// @param processorNanos the partition's and the monitor's, which plays the device or carries
  ///   traps out
  /// @param deviceNanos an assigned device's own, which in a machine of metal is no processor's
  public record Cpu(long processorNanos, long deviceNanos) {}

  public double mebibytesPerSecond() {
    return work.bytes / MEBIBYTE / (nanos / 1e9);
  }

  public double trapsPerOperation() {
    return (double) monitor.traps / work.operations;
  }

  public double copiesPerByte() {
    return (double) monitor.copiedBytes / work.bytes;
  }

  /// Of the processors, see [Cpu].
  public double cpuMillisPerMebibyte() {
    return cpu.processorNanos / 1e6 / (work.bytes / MEBIBYTE);
  }

  /// Of the assigned device, see [Cpu].
  public double deviceMillisPerMebibyte() {
    return cpu.deviceNanos / 1e6 / (work.bytes / MEBIBYTE);
  }

  public double dmaRequestsPerOperation() {
    return (double) dmaRequests / work.operations;
  }
}
