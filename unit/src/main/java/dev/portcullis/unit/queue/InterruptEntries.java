package dev.portcullis.unit.queue;

/// What the queue says to whoever remembers interrupt remapping entries.
///
/// A call returns when nothing of before is used any more: interrupts under way have been
/// delivered.
///
/// @vtd 6.5.2.7 Interrupt Entry Cache Invalidate Descriptor
public interface InterruptEntries {

  /// Forgets every entry.
  void invalidateAll();

  /// Forgets 2^`indexMask` entries around `index`: low bits of it do not count.
  void invalidate(int index, int indexMask);
}
