package dev.portcullis.management.containment;

/// Counts what happens within a time that begins with the first of it. For any thread.
interface Detector {

  /// Something has happened.
  ///
  /// @param key what makes it different from others, where that counts
  /// @return whether it was the one that makes it too much; that is so once in its time
  boolean count(long nanoTime, long key);
}
