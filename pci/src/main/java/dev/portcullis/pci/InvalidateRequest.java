package dev.portcullis.pci;

/// Forget these translations: a message to a function that caches some.
///
/// @param tag ITag, 0 to 31: what the completion will name
/// @param prefix [PasidPrefix] whose translations are meant, or none: those of requests without
///   PASID
/// @param pages untranslated address, bits 63 to 12, and the size of the range: bit 11 is S. S = 0
///   means one 4-KiB page; S = 1 codes the size by the lowest zero bit from bit 12 up
/// @param allPasids Global Invalidate: every PASID is meant
/// @pcie 10.3.1 Invalidate Request
public record InvalidateRequest(int tag, int prefix, long pages, boolean allPasids) {

  /// Number of bytes the range covers, a power of two from 4 KiB up; 0 stands for everything.
  public long bytes() {
    if ((pages & 1 << 11) == 0) {
      return 1 << 12;
    }
    long ones = pages >>> 12;
    int trailing = Long.numberOfTrailingZeros(~ones);
    return trailing >= 51 ? 0 : 1L << trailing + 13;
  }

  /// First byte of the range.
  public long address() {
    long bytes = bytes();
    return bytes == 0 ? 0 : pages & -bytes;
  }
}
