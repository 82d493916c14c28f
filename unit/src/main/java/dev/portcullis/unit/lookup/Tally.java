package dev.portcullis.unit.lookup;

import java.util.Arrays;

/// What one request cost: lookups in caches, hits, accesses to tables. Counted on the slow way
/// only, for whoever monitors performance.
public final class Tally {
  private static final int LEVELS = 6;

  public int contextLookups;
  public int contextHits;
  public int pasidLookups;
  public int pasidHits;
  public int iotlbLookups;

  /// Level of the page the IOTLB had; 0 if it had none.
  public int iotlbHitLevel;

  public int firstStageLookups;

  /// Hits in the paging-structure caches of the first stage, by level.
  public final int[] firstStageHits = new int[LEVELS];

  public int secondStageLookups;

  /// Hits in the paging-structure caches of the second stage, by level.
  public final int[] secondStageHits = new int[LEVELS];

  public int permissionLookups;
  public int permissionHits;

  /// Entries of tables read from memory.
  public int memoryReads;

  /// Accessed and dirty flags set in memory.
  public int updates;

  /// Domain-id of the request; -1 as long as it is not known.
  public int domain;

  Tally() {}

  /// A request begins.
  public void clear() {
    contextLookups = 0;
    contextHits = 0;
    pasidLookups = 0;
    pasidHits = 0;
    iotlbLookups = 0;
    iotlbHitLevel = 0;
    firstStageLookups = 0;
    Arrays.fill(firstStageHits, 0);
    secondStageLookups = 0;
    Arrays.fill(secondStageHits, 0);
    permissionLookups = 0;
    permissionHits = 0;
    memoryReads = 0;
    updates = 0;
    domain = -1;
  }
}
