package dev.portcullis.net.tcp;

/// The sending half of a connection: what is to be sent, what is on its way, when to send it again.
/// Congestion control is NewReno (RFC 5681, 6582, 3042), timing RFC 6298.
///
/// Offsets count from our SYN, which is 0; our first byte is 1, our FIN is behind the last.
///
/// ```
///        base = unacknowledged     next                top            end
///  --------+------------------------+-------------------+--------------+
///   done   | on its way             | sent, to be       | to be sent   |
///          |                        | sent again        |              |
/// ```
final class Sender {
  /// Times that a SYN, and anything else, is sent again before the connection is given up.
  static final int MOST_SYN_RETRIES = 5;

  static final int MOST_RETRIES = 10;

  static final long NEVER = Long.MAX_VALUE;

  /// What a peer takes that does not say.
  static final int DEFAULT_MSS = 536;

  /// A smaller segment size than that is not believed.
  private static final int LEAST_MSS = 64;

  private static final int INITIAL_SEGMENTS = 10;
  private static final int DUPLICATES = 3;
  private static final long MOST_CONGESTION_WINDOW = 1L << 24;

  /// Something to send.
  record Chunk(long offset, byte[] data, boolean syn, boolean fin) {}

  private final int initialSequence;
  private final ByteRing ring;
  private final RoundTrip roundTrip = new RoundTrip();
  private long base = 1;
  private long dataEnd = 1;
  private boolean finWanted;
  private long unacknowledged;
  private long next;
  private long top;
  private int mss = DEFAULT_MSS;
  private long window;
  private long widestWindow;
  private long congestionWindow;
  private long slowStartEnd = Long.MAX_VALUE;
  private int duplicates;
  private boolean recovering;
  private long recover;
  private boolean resendFirst;
  private boolean probe;
  private boolean persisting;
  private int retries;
  private long timerNanos = NEVER;
  private long timedOffset = -1;
  private long timedNanos;
  private long resent;

  Sender(int initialSequence, int capacityBytes) {
    this.initialSequence = initialSequence;
    this.ring = new ByteRing(capacityBytes);
    this.congestionWindow = (long) INITIAL_SEGMENTS * mss;
  }

  /// Segments may have that much data.
  void mss(int peers, int own) {
    mss = Math.clamp(peers == Segment.ABSENT ? DEFAULT_MSS : peers, LEAST_MSS, own);
    congestionWindow = (long) INITIAL_SEGMENTS * mss;
  }

  long offset(int sequence) {
    return unacknowledged + (sequence - (initialSequence + (int) unacknowledged));
  }

  int sequence(long offset) {
    return initialSequence + (int) offset;
  }

  /// What segments without data count from: the end of what was sent, as far as the peer took it.
  int endSequence() {
    return sequence(Math.max(next, Math.min(top, unacknowledged + window)));
  }

  /// One past the last thing ever sent.
  long top() {
    return top;
  }

  long unacknowledged() {
    return unacknowledged;
  }

  /// Segments that were sent again.
  long resent() {
    return resent;
  }

  long widestWindow() {
    return widestWindow;
  }

  int room() {
    return ring.capacity() - (int) (dataEnd - base);
  }

  /// Takes as many bytes as there is room for.
  int write(byte[] from, int at, int length) {
    int count = Math.min(length, room());
    ring.put(dataEnd, from, at, count);
    dataEnd += count;
    return count;
  }

  /// Nothing follows what was written.
  void finish() {
    finWanted = true;
  }

  boolean isFinishing() {
    return finWanted;
  }

  boolean isFinAcknowledged() {
    return finWanted && unacknowledged > dataEnd;
  }

  private long end() {
    return dataEnd + (finWanted ? 1 : 0);
  }

  /// The peer lacks our SYN's answer: it is sent again.
  void resendSyn() {
    resendFirst = unacknowledged == 0 && top > 0;
  }

  /// Simultaneous open: the SYN goes out once more, with an acknowledgement.
  void restartSyn() {
    next = 0;
  }

  /// What is to be sent now, or `null`.
  Chunk next(long nowNanos) {
    if (resendFirst) {
      resendFirst = false;
      timedOffset = -1;
      return chunk(unacknowledged, mss);
    }
    if (probe) {
      probe = false;
      return chunk(unacknowledged, Math.clamp(window, 1, mss));
    }
    if (next > 0 && unacknowledged == 0) {
      return null;
    }
    long offset = next;
    long size = sendable();
    boolean nothingButFin = finWanted && next == dataEnd;
    if (next > 0 && size == 0 && !nothingButFin) {
      return null;
    }
    Chunk chunk = chunk(offset, (int) size);
    next += (chunk.syn ? 1 : chunk.data.length) + (chunk.fin ? 1 : 0);
    if (offset == top && timedOffset < 0) {
      timedOffset = offset;
      timedNanos = nowNanos;
    }
    top = Math.max(top, next);
    return chunk;
  }

  /// Bytes that may be sent at `next`; small segments only if nothing follows, or the peer's buffer
  /// is small (RFC 9293, 3.8.6.2.1).
  private long sendable() {
    long allowed = congestionWindow + (recovering ? 0 : Math.min(duplicates, 2) * mss);
    long limit = unacknowledged + Math.min(window, allowed);
    long available = dataEnd - next;
    long size = Math.min(mss, Math.min(available, limit - next));
    boolean worthIt = size == mss || size == available || 2 * size >= widestWindow;
    return size > 0 && worthIt ? size : 0;
  }

  private Chunk chunk(long offset, int most) {
    if (offset == 0) {
      return new Chunk(0, new byte[0], true, false);
    }
    resent += offset < top ? 1 : 0;
    byte[] data = new byte[Math.clamp(dataEnd - offset, 0, most)];
    ring.get(offset, data, 0, data.length);
    boolean fin = finWanted && offset + data.length == dataEnd;
    top = Math.max(top, offset + data.length + (fin ? 1 : 0));
    return new Chunk(offset, data, false, fin);
  }

  /// Starts the timer that what was sent, or must wait, needs.
  void arm(long nowNanos) {
    if (timerNanos != NEVER) {
      return;
    }
    if (next > unacknowledged) {
      timerNanos = nowNanos + roundTrip.timeoutNanos();
      persisting = false;
    } else if (unacknowledged > 0 && end() > next) {
      timerNanos = nowNanos + roundTrip.timeoutNanos();
      persisting = true;
    }
  }

  long timerNanos() {
    return timerNanos;
  }

  /// The timer ran out.
  ///
  /// @return whether it makes sense to go on
  boolean timeOut() {
    timerNanos = NEVER;
    retries++;
    roundTrip.backOff();
    timedOffset = -1;
    resendFirst = false;
    if (persisting) {
      probe = true;
    } else {
      long flight = next - unacknowledged;
      if (retries == 1) {
        slowStartEnd = Math.max(flight / 2, 2L * mss);
      }
      congestionWindow = mss;
      next = unacknowledged;
      recover = top;
      recovering = false;
      duplicates = 0;
    }
    return retries <= (unacknowledged == 0 ? MOST_SYN_RETRIES : MOST_RETRIES);
  }

  /// The peer takes that much from the unacknowledged on.
  ///
  /// @return whether that is new
  boolean window(long bytes) {
    boolean differs = bytes != window;
    if (persisting && bytes > window) {
      persisting = false;
      timerNanos = NEVER;
    }
    window = bytes;
    widestWindow = Math.max(widestWindow, bytes);
    return differs;
  }

  /// The peer has all before `offset`, which has been sent.
  ///
  /// @param repeats whether the segment said nothing else, the window included
  void acknowledge(long offset, boolean repeats, long nowNanos) {
    if (offset > unacknowledged) {
      progress(offset, nowNanos);
    } else if (offset == unacknowledged) {
      retries = persisting ? 0 : retries;
      if (repeats && next > unacknowledged) {
        duplicate();
      }
    }
  }

  private void progress(long offset, long nowNanos) {
    long acknowledged = offset - unacknowledged;
    roundTrip.progress();
    if (timedOffset >= 0 && offset > timedOffset) {
      roundTrip.sample(nowNanos - timedNanos);
      timedOffset = -1;
    }
    unacknowledged = offset;
    base = Math.clamp(offset, base, dataEnd);
    next = Math.max(next, offset);
    retries = 0;
    duplicates = 0;
    persisting = false;
    timerNanos = NEVER;
    if (!recovering) {
      grow(acknowledged);
    } else if (offset >= recover) {
      recovering = false;
      congestionWindow = Math.min(slowStartEnd, Math.max(next - offset, mss) + mss);
    } else {
      resendFirst = true;
      congestionWindow = Math.max(congestionWindow - acknowledged, 0) + mss;
    }
  }

  private void grow(long acknowledged) {
    long more =
        congestionWindow < slowStartEnd
            ? acknowledged
            : Math.max(1, mss * acknowledged / congestionWindow);
    congestionWindow = Math.min(congestionWindow + more, MOST_CONGESTION_WINDOW);
  }

  private void duplicate() {
    duplicates++;
    if (recovering) {
      congestionWindow = Math.min(congestionWindow + mss, MOST_CONGESTION_WINDOW);
    } else if (duplicates == DUPLICATES && unacknowledged >= recover) {
      slowStartEnd = Math.max((next - unacknowledged) / 2, 2L * mss);
      congestionWindow = slowStartEnd + (long) DUPLICATES * mss;
      recovering = true;
      recover = top;
      resendFirst = true;
    }
  }

  void free() {
    ring.free();
  }
}
