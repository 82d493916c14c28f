package dev.portcullis.unit.protect;

/// Up to two regions, as they were when protection was enabled. Limits belong to the region; a
/// limit below the base makes it empty.
///
/// @param lowBase host physical
/// @param lowLimit host physical
/// @param highBase host physical
/// @param highLimit host physical
/// @vtd 11.4.8 Protected Memory Registers
public record ProtectedRegions(long lowBase, long lowLimit, long highBase, long highLimit) {

  /// Whether `hpa` lies in one of them.
  public boolean cover(long hpa) {
    return hpa >= lowBase && hpa <= lowLimit || hpa >= highBase && hpa <= highLimit;
  }
}
