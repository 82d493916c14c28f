package dev.portcullis.devices.wire;

import java.io.InputStream;
import java.util.Objects;

/// Bytes that look random and are the same for the same seed: the numbers of SplitMix64, each least
/// significant byte first.
public final class RandomBytes extends InputStream {
  private static final long STEP = 0x9e37_79b9_7f4a_7c15L;

  private final long count;
  private long done;
  private long state;
  private long word;

  /// @param count how many bytes there are
  public RandomBytes(long count, long seed) {
    this.count = count;
    this.state = seed;
  }

  @Override
  public int read() {
    return done == count ? -1 : next() & 0xff;
  }

  @Override
  public int read(byte[] to, int at, int length) {
    Objects.checkFromIndexSize(at, length, to.length);
    if (done == count && length > 0) {
      return -1;
    }
    int most = (int) Math.min(length, count - done);
    for (int i = 0; i < most; i++) {
      to[at + i] = next();
    }
    return most;
  }

  private byte next() {
    if ((done & 7) == 0) {
      state += STEP;
      long mixed = (state ^ state >>> 30) * 0xbf58_476d_1ce4_e5b9L;
      mixed = (mixed ^ mixed >>> 27) * 0x94d0_49bb_1331_11ebL;
      word = mixed ^ mixed >>> 31;
    }
    return (byte) (word >>> 8 * (done++ & 7));
  }
}
