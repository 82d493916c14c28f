package dev.portcullis.driver.table;

/// What devices may do to a page.
public enum Rights {
  READ,
  /// The first stage has no such page: there it is [#READ_WRITE].
  WRITE,
  READ_WRITE
}
