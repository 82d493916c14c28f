package dev.portcullis.vmm.software;

import dev.portcullis.vmm.software.Client.ClientException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The packages that an embedded client has: its own software, and what was installed since it
/// booted. They are in its memory: one that boots anew has its own only.
///
/// A package is a line `package NAME VERSION`, and whatever is behind it.
final class Packages {
  /// The client's own software.
  static final String OWN = "client";

  /// Which version of it a client boots with.
  static final String FIRST_VERSION = "1.0";

  private static final int MOST = 64;
  private static final int LONGEST_HEAD = 200;
  private static final Pattern HEAD =
      Pattern.compile("package ([a-z0-9][a-z0-9.+-]{0,62}) ([A-Za-z0-9][A-Za-z0-9.+~:-]{0,62})");

  private final Map<String, String> versions = new TreeMap<>(Map.of(OWN, FIRST_VERSION));

  /// Installs a package, in place of one that has its name.
  ///
  /// @return such as `client 1.1`
  /// @throws ClientException if it is no package, or there is no room
  synchronized String install(byte[] content) throws ClientException {
    String start =
        new String(content, 0, Math.min(content.length, LONGEST_HEAD), StandardCharsets.ISO_8859_1);
    Matcher head = HEAD.matcher(start.lines().findFirst().orElse(""));
    if (!head.matches()) {
      throw new ClientException("what was fetched is no package");
    }
    if (versions.size() >= MOST && !versions.containsKey(head.group(1))) {
      throw new ClientException("there is no room for another package");
    }
    versions.put(head.group(1), head.group(2));
    return head.group(1) + " " + head.group(2);
  }

  /// Forgets what was installed.
  synchronized void forget() {
    versions.clear();
    versions.put(OWN, FIRST_VERSION);
  }

  /// Versions by name.
  synchronized Map<String, String> versions() {
    return new TreeMap<>(versions);
  }
}
