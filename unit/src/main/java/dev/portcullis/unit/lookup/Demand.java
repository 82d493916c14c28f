package dev.portcullis.unit.lookup;

/// What a request wants, as far as tables are concerned.
public final class Demand {
  /// Bits of [dev.portcullis.unit.request.Rights] without which it is refused; none for a
  /// translation request.
  public int rights;

  /// Whether pages that may be written are marked dirty.
  public boolean dirties;

  /// Its [dev.portcullis.unit.cache.Translation.Group].
  public int group;

  /// Whether second-stage rights are in IR and IW (SSIRWE).
  public boolean ioRights;

  /// The epoch before its first look at a cache or at memory.
  public long epoch;

  /// Wants nothing yet.
  public Demand() {}
}
