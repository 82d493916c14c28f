package dev.portcullis.kit.coverage;

/// Something the architecture defines and a test must reach.
///
/// @param section where it stands in the document
/// @param key what `@Covers` calls it
/// @param meaning a few words
public record Item(Section section, String key, String meaning) {

  /// Parts of the document.
  public enum Section {
    FAULTS("Fault reasons"),
    DESCRIPTORS("Invalidation descriptors"),
    QUEUE_ERRORS("Queue errors"),
    PAGE_REQUESTS("Page requests"),
    REGISTERS("Register fields"),
    WIRE("Between functions and root complex");

    private final String title;

    Section(String title) {
      this.title = title;
    }

    /// Its heading.
    public String title() {
      return title;
    }
  }
}
