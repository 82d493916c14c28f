package dev.portcullis.qemu.install;

import java.util.Arrays;
import java.util.Optional;

/// The Debian kernels that can be provided, all of the `cloud` flavour.
public enum KernelVersion {
  /// Of Debian 12.
  LINUX_6_1("6.1", DebianSuite.BOOKWORM),
  /// Of Debian 13.
  LINUX_6_12("6.12", DebianSuite.TRIXIE),
  /// The newest of Debian 13's backports at the time it was provided.
  LATEST("latest", DebianSuite.TRIXIE_BACKPORTS);

  private final String label;
  private final DebianSuite suite;

  KernelVersion(String label, DebianSuite suite) {
    this.label = label;
    this.suite = suite;
  }

  /// What a person calls it: `6.1`, `6.12`, `latest`.
  public String label() {
    return label;
  }

  DebianSuite suite() {
    return suite;
  }

  /// The version that a person calls `label`.
  public static Optional<KernelVersion> labelled(String label) {
    return Arrays.stream(values()).filter(v -> v.label.equals(label)).findFirst();
  }
}
