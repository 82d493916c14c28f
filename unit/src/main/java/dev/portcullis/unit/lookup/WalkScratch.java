package dev.portcullis.unit.lookup;

import dev.portcullis.memory.Fetched;

/// What one walk at a time leaves beside its result, so that it allocates nothing.
public final class WalkScratch {
  /// The entry read last.
  public final Fetched fetched = new Fetched();

  /// Root of the requester's second-stage tables in legacy mode, or its PASID directory.
  public long table;

  /// Level of the entry that mapped the page, 1 to 3.
  public int leafLevel;

  /// What the request wants.
  public final Demand demand = new Demand();

  /// Guest physical page that the first stage gave, if nested.
  public long guestPage;

  /// Whether the second stage lets the first-stage entry read last be written.
  public boolean entryWritable = true;

  /// The levels whose first-stage entry the second stage does not let be written, as bits.
  public int unwritableLevels;

  /// What the walk of the first stage owes to its tables and to the caches.
  public final Trail firstStage = new Trail();

  /// What the walk of the second stage owes.
  public final Trail secondStage = new Trail();

  /// What the request cost so far.
  public final Tally tally = new Tally();

  /// Paging entries ever read from memory.
  public long fetches;

  /// Nothing walked yet.
  public WalkScratch() {}
}
