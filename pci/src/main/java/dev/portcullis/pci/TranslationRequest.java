package dev.portcullis.pci;

/// A function asks where a page is: a memory read whose address type says so.
///
/// @param prefix its [PasidPrefix], or none
/// @param address of the page: untranslated, bits 63 to 12
/// @param noWrite NW: the function only wants to read there
/// @param doublewords length of the request: two for each translation it can take
/// @param byteEnables those of the last doubleword in bits 7 to 4, of the first in 3 to 0
/// @pcie 10.2.2 Translation Requests
public record TranslationRequest(
    int prefix, long address, boolean noWrite, int doublewords, int byteEnables) {
  private static final int ALL_BYTES = 0xff;
  private static final long PAGE = -1L << 12;

  /// Asks for one translation, to read and write.
  public static TranslationRequest of(int prefix, long address) {
    return new TranslationRequest(prefix, address & PAGE, false, 2, ALL_BYTES);
  }

  /// Asks for one translation, only to read.
  public static TranslationRequest forReading(int prefix, long address) {
    return new TranslationRequest(prefix, address & PAGE, true, 2, ALL_BYTES);
  }

  /// Whether a root complex takes it for a translation request at all: whole translations, no more
  /// than fit between two read completion boundaries, every byte of them.
  ///
  /// @param boundaryBytes the read completion boundary: 64 or 128
  public boolean isWellFormed(int boundaryBytes) {
    return doublewords >= 2
        && (doublewords & 1) == 0
        && doublewords <= boundaryBytes / 4
        && byteEnables == ALL_BYTES;
  }
}
