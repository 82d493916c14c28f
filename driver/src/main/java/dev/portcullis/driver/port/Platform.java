package dev.portcullis.driver.port;

/// Everything about the outside that a driver of one unit is given.
///
/// @param registers the unit's register window
/// @param memory where tables go, as the processor sees it
/// @param pages where pages for them come from
/// @param hostAddressBits width of a host physical address (HAW): the DMAR table tells it
/// @param patience how long to wait for the unit
public record Platform(
    RegisterPort registers,
    TableMemory memory,
    PageAllocator pages,
    int hostAddressBits,
    Patience patience) {

  /// With ten seconds of patience.
  public Platform(
      RegisterPort registers, TableMemory memory, PageAllocator pages, int hostAddressBits) {
    this(registers, memory, pages, hostAddressBits, Patience.ofSeconds(10));
  }

  /// The same with pages from elsewhere.
  public Platform allocatingFrom(PageAllocator other) {
    return new Platform(registers, memory, other, hostAddressBits, patience);
  }
}
