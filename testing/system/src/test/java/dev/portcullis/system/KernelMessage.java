package dev.portcullis.system;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A line of the kernel's log.
///
/// @param level 0 emergency … 3 error, 4 warning … 7 debug
/// @param text without time and level
record KernelMessage(int level, String text) {
  private static final Pattern RAW = Pattern.compile("<(\\d+)>\\[ *[0-9.]+] (.*)");
  private static final Pattern OUR_SUBJECTS =
      Pattern.compile("nvme|dmar|iommu|dma.*(fault|error)", Pattern.CASE_INSENSITIVE);
  private static final int WARNING = 4;

  /// Reads a line of `dmesg -r`; the lines that a message with line ends leaves are none.
  static Optional<KernelMessage> parse(String line) {
    Matcher m = RAW.matcher(line);
    return m.matches()
        ? Optional.of(new KernelMessage(Integer.parseInt(m.group(1)) & 7, m.group(2)))
        : Optional.empty();
  }

  /// Whether it is a complaint about what we provide.
  boolean isComplaintAboutUs() {
    return level <= WARNING && OUR_SUBJECTS.matcher(text).find();
  }
}
