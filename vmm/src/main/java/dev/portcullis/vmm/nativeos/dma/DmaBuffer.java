package dev.portcullis.vmm.nativeos.dma;

/// Memory that a device may reach.
///
/// @param name what its driver calls it
/// @param hpa where it is
/// @param address where its device finds it
/// @param bytes its length
/// @param direction what the device may do
public record DmaBuffer(String name, long hpa, long address, long bytes, Direction direction) {

  /// Address after its last byte, for the device.
  public long end() {
    return address + bytes;
  }

  @Override
  public String toString() {
    return "%s (%#x to %#x, %,d bytes, allowed %s)"
        .formatted(name, address, end() - 1, bytes, direction.words());
  }
}
