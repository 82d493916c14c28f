package dev.portcullis.kit.interrupt;

/// A write of one doubleword to FEEx_xxxx.
///
/// @vtd 5.1.2.2 Interrupt Requests in Remappable Format
public record InterruptRequest(long address, int data) {
  private static final long RANGE = 0xfee0_0000L;

  /// A request in compatibility format.
  ///
  /// @param low bits [19:0] of the address; bit 4 is 0
  public static InterruptRequest compatible(int low, int data) {
    return new InterruptRequest(RANGE | low & 0xf_ffef, data);
  }

  /// A request for the entry at `handle`: handle[14:0] at [19:5], handle[15] at 2.
  public static InterruptRequest of(int handle) {
    return new InterruptRequest(
        RANGE | (long) (handle & 0x7fff) << 5 | 1 << 4 | (handle >>> 15) << 2, 0);
  }

  /// This request with SHV.
  ///
  /// @param written data: the subhandle and, wrongly, more
  public InterruptRequest subhandle(int written) {
    return new InterruptRequest(address | 1 << 3, written);
  }

  /// This request with other data.
  public InterruptRequest data(int written) {
    return new InterruptRequest(address, written);
  }

  @Override
  public String toString() {
    return "%#x to %#x".formatted(data, address);
  }
}
