package dev.portcullis.unit.request;

/// How memory is accessed on behalf of a request.
///
/// @param type memory type, for a device in the processor's coherency domain
/// @param snooped whether caches are snooped even if the device says they need not be
/// @vtd 3.9 Snoop Behavior
/// @vtd 3.10 Memory Type
public record PageUse(MemoryType type, boolean snooped) {
  /// Where nothing else is said.
  public static final PageUse PLAIN = new PageUse(MemoryType.WRITE_BACK, false);
}
