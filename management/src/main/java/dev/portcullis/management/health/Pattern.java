package dev.portcullis.management.health;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// Bytes that are unlike those of any other place and of any other time.
final class Pattern {
  private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

  private Pattern() {}

  /// `bytes` bytes, a multiple of 8.
  static MemorySegment of(long seed, int bytes) {
    long[] words = new long[bytes / Long.BYTES];
    long next = seed;
    for (int i = 0; i < words.length; i++) {
      next += MIX;
      long mixed = (next ^ next >>> 30) * 0xbf58_476d_1ce4_e5b9L;
      words[i] = mixed ^ mixed >>> 27;
    }
    return MemorySegment.ofArray(words);
  }

  /// The same with each bit the other way round.
  static MemorySegment complement(MemorySegment pattern) {
    long[] words = pattern.toArray(ValueLayout.JAVA_LONG_UNALIGNED);
    Arrays.setAll(words, i -> ~words[i]);
    return MemorySegment.ofArray(words);
  }

  static MemorySegment zeroes(int bytes) {
    return MemorySegment.ofArray(new long[bytes / Long.BYTES]);
  }
}
