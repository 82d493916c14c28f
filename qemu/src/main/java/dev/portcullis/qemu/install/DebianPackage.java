package dev.portcullis.qemu.install;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One package in one version, as apt would download it.
///
/// @param name the package's name, `qemu-system-x86`
/// @param version its full version with epoch, `1:11.1.3+ds-1~bpo13+1`
/// @param sizeBytes the size of the download
record DebianPackage(String name, String version, long sizeBytes) {

  /// A line of `apt-get --print-uris`: `'URI' name_version_architecture.deb size hash`.
  private static final Pattern LINE =
      Pattern.compile("'[^']+' ([^_ ]+)_([^_ ]+)_[^_ ]+\\.deb (\\d{1,15})(?: .*)?");

  private static final Pattern ESCAPE = Pattern.compile("%([0-9a-fA-F]{2})");

  /// Reads a line of `apt-get --print-uris`; empty if the line is about something else.
  static Optional<DebianPackage> parse(String line) {
    Matcher match = LINE.matcher(line);
    if (!match.matches()) {
      return Optional.empty();
    }
    long sizeBytes = Long.parseLong(match.group(3));
    return Optional.of(new DebianPackage(match.group(1), unescape(match.group(2)), sizeBytes));
  }

  /// The way to ask apt for exactly this package.
  String request() {
    return name + "=" + version;
  }

  private static String unescape(String text) {
    return ESCAPE
        .matcher(text)
        .replaceAll(m -> Matcher.quoteReplacement("" + (char) Integer.parseInt(m.group(1), 16)));
  }
}
