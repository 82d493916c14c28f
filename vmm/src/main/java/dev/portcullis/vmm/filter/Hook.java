package dev.portcullis.vmm.filter;

import java.util.Locale;

/// Where on a frame's way through the bridge it is judged.
///
/// ```
///  port -> PREROUTING -+-> FORWARD ----------+-> POSTROUTING -> port
///                      |                     |
///                      +-> INPUT -> own port -> OUTPUT
/// ```
public enum Hook {
  /// On arrival from a port, before anybody knows where it goes.
  PREROUTING,
  /// On its way to the bridge's own port.
  INPUT,
  /// On its way from port to port.
  FORWARD,
  /// On arrival from the bridge's own port.
  OUTPUT,
  /// Before it leaves by a port.
  POSTROUTING;

  /// As rulesets call it.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
