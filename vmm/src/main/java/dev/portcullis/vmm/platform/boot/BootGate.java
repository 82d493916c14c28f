package dev.portcullis.vmm.platform.boot;

/// Asked before the software of a partition begins: each time, whether it is started, reset by
/// somebody, resets itself, or is started again by a rule.
///
/// The partition's processors do not run meanwhile and its functions are reset: nothing of its own
/// can change what is looked at. What is admitted is what is loaded, byte by byte.
@FunctionalInterface
public interface BootGate {
  /// Looks at nothing.
  BootGate OPEN = material -> BootDecision.UNCHECKED;

  /// Decides whether a partition may begin. Several partitions may be asked about at a time.
  ///
  /// @return never `null`; whatever is thrown refuses
  /// @throws InterruptedException if whoever starts the partition does not wait any longer
  BootDecision decide(BootMaterial material) throws InterruptedException;
}
