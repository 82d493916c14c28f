package dev.portcullis.vmm.partition;

/// What taking pages out of a partition's map has cost.
///
/// @param ranges how many were taken out
/// @param pages in them
/// @param invalidations how often the unit was made to forget some
public record Unmappings(long ranges, long pages, long invalidations) {

  /// What came since there was `before`.
  public Unmappings since(Unmappings before) {
    return new Unmappings(
        ranges - before.ranges, pages - before.pages, invalidations - before.invalidations);
  }
}
