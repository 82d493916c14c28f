package dev.portcullis.kit.reference;

/// A paging entry that a walk came by.
///
/// @param stage as whose
/// @param hpa where it is
/// @param level 1 to 5
/// @param address what was translated: an input address of the first stage, or a guest physical one
/// @param present whether it allowed the walk to go on
public record Visit(Stage stage, long hpa, int level, long address, boolean present) {
  /// A stage of translation.
  public enum Stage {
    FIRST,
    SECOND
  }
}
