package dev.portcullis.memory;

/// Where a fetch leaves what it read. One per walker, reused: a fetch allocates nothing.
///
/// Whoever fetches decodes this copy and never reads memory again, so that software which writes in
/// between cannot give two answers.
public final class Fetched {
  /// Bits 63 to 0 of what was fetched.
  public long lo;

  /// Bits 127 to 64 of what was fetched; unchanged by a 64-bit fetch.
  public long hi;

  /// Nothing fetched yet.
  public Fetched() {}
}
