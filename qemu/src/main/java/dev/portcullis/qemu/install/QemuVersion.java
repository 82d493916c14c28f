package dev.portcullis.qemu.install;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The version of a QEMU.
public record QemuVersion(int major, int minor, int micro) implements Comparable<QemuVersion> {

  /// The first with the client side of vfio-user.
  public static final QemuVersion FIRST_WITH_VFIO_USER = new QemuVersion(10, 1, 0);

  /// The first that can be told to end with the process that started it.
  public static final QemuVersion FIRST_WITH_EXIT_WITH_PARENT = new QemuVersion(10, 2, 0);

  private static final Pattern TEXT =
      Pattern.compile("QEMU emulator version (\\d{1,6})\\.(\\d{1,6})(?:\\.(\\d{1,6}))?");

  /// Reads the output of `qemu-system-x86_64 --version`.
  public static Optional<QemuVersion> parse(String output) {
    Matcher match = TEXT.matcher(output);
    return match.find()
        ? Optional.of(
            new QemuVersion(
                Integer.parseInt(match.group(1)),
                Integer.parseInt(match.group(2)),
                match.group(3) == null ? 0 : Integer.parseInt(match.group(3))))
        : Optional.empty();
  }

  public boolean atLeast(QemuVersion other) {
    return compareTo(other) >= 0;
  }

  @Override
  public int compareTo(QemuVersion other) {
    return Comparator.comparingInt(QemuVersion::major)
        .thenComparingInt(QemuVersion::minor)
        .thenComparingInt(QemuVersion::micro)
        .compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + micro;
  }
}
