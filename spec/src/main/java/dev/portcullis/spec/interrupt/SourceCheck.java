package dev.portcullis.spec.interrupt;

/// Who may use an entry of the interrupt remapping table: its fields SVT, SQ and SID.
///
/// ```
///   19 18 17 16 15                           0
///  +-----+-----+------------------------------+
///  | SVT | SQ  |             SID              |
///  +-----+-----+------------------------------+
/// ```
///
/// @param word bits 83 to 64 of an entry
/// @vtd 9.10 Interrupt Remapping Table Entry (IRTE) for Remapped Interrupts
public record SourceCheck(long word) {
  /// Values of SVT.
  public static final int SVT_NONE = 0;

  public static final int SVT_REQUESTER = 1;
  public static final int SVT_BUSES = 2;
  public static final int SVT_RESERVED = 3;

  /// Anybody.
  public static SourceCheck none() {
    return new SourceCheck(0);
  }

  /// The requester `sourceId`.
  public static SourceCheck requester(int sourceId) {
    return requester(sourceId, 0);
  }

  /// The requester `sourceId`, and functions that differ from it in the bits `qualifier` names
  /// only.
  ///
  /// @param qualifier value of SQ, 0 to 3: ignores no bit, bit 2, bits 2:1, bits 2:0
  public static SourceCheck requester(int sourceId, int qualifier) {
    return new SourceCheck(
        InterruptEntry.SVT.encode(SVT_REQUESTER)
            | InterruptEntry.SQ.encode(qualifier)
            | InterruptEntry.SID.encode(sourceId));
  }

  /// Whoever is on buses `first` to `last`.
  public static SourceCheck buses(int first, int last) {
    return new SourceCheck(
        InterruptEntry.SVT.encode(SVT_BUSES)
            | InterruptEntry.SID.encode((first & 0xff) << 8 | last & 0xff));
  }
}
