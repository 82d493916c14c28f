package dev.portcullis.unit.lookup;

import dev.portcullis.memory.Fetched;

/// What one walk at a time leaves beside its result, so that it allocates nothing.
public final class WalkScratch {
  /// The entry read last.
  public final Fetched fetched = new Fetched();

  /// Root of the requester's second-stage tables.
  public long table;

  /// Level of the entry that mapped the page, 1 to 3.
  public int leafLevel;

  /// Paging entries ever read from memory.
  public long fetches;

  /// Nothing walked yet.
  public WalkScratch() {}
}
