package dev.portcullis.net.tcp;

/// The receiving half of a connection: puts data in order, keeps it until it is read, says how much
/// more may come.
///
/// Offsets count from the peer's SYN, which is 0; its first byte is 1, its FIN is behind the last.
///
/// ```
///         read          next                              edge
///  --------+-------------+-----------+---------+-----------+----
///   taken  | to be read  | missing   | came    | missing   | not allowed
/// ```
final class Receiver {
  /// Separate pieces kept behind a gap; what makes more is dropped, and comes again.
  static final int MOST_PIECES = 64;

  /// What has come of a segment.
  enum Taken {
    /// It went on where the stream ended.
    IN_ORDER,
    /// It was out of order, or there before.
    APART
  }

  private final int initialSequence;
  private final ByteRing ring;
  private final int mssBytes;
  private final long[] pieces = new long[2 * MOST_PIECES];
  private int pieceCount;
  private long read = 1;
  private long next = 1;
  private long edge;
  private long finAt = -1;

  Receiver(int initialSequence, int capacityBytes, int mssBytes) {
    this.initialSequence = initialSequence;
    this.ring = new ByteRing(capacityBytes);
    this.mssBytes = mssBytes;
    this.edge = 1 + capacityBytes;
  }

  /// The offset of a sequence number, taken as near to the end of the stream as it can be.
  long offset(int sequence) {
    return next + (sequence - (initialSequence + (int) next));
  }

  /// The sequence number expected next.
  int nextSequence() {
    return initialSequence + (int) next;
  }

  long next() {
    return next;
  }

  /// Whether a segment is one that may come now (RFC 9293, 3.10.7.4).
  boolean isAcceptable(long offset, int length) {
    if (length == 0) {
      return offset >= next && offset <= edge;
    }
    return offset < edge && offset + length > next;
  }

  /// How much more may come, after the window has been opened as far as is worth telling.
  long window() {
    if (isUpdateDue()) {
      edge = read + ring.capacity();
    }
    return Math.max(0, edge - next);
  }

  /// Whether reading has made so much room that the peer should hear of it.
  boolean isUpdateDue() {
    return read + ring.capacity() - edge >= Math.min(mssBytes, ring.capacity() / 2);
  }

  /// Takes the data of an acceptable segment, as far as it is new and in the window.
  Taken accept(long offset, byte[] data, boolean fin) {
    long end = offset + data.length;
    if (fin && finAt < 0 && end >= next && end <= edge) {
      finAt = end;
    }
    long from = Math.max(offset, next);
    long to = Math.min(end, finAt < 0 ? edge : Math.min(edge, finAt));
    long before = next;
    if (from < to) {
      ring.put(from, data, (int) (from - offset), (int) (to - from));
      if (from == next) {
        next = to;
        joinPieces();
      } else {
        addPiece(from, to);
      }
    }
    if (next == finAt) {
      next++;
    }
    return next > before && pieceCount == 0 ? Taken.IN_ORDER : Taken.APART;
  }

  private void joinPieces() {
    int joined = 0;
    while (joined < pieceCount && pieces[2 * joined] <= next) {
      next = Math.max(next, pieces[2 * joined + 1]);
      joined++;
    }
    if (finAt >= 0) {
      next = Math.min(next, finAt);
    }
    remove(0, joined);
  }

  private void remove(int first, int count) {
    int rest = pieceCount - first - count;
    System.arraycopy(pieces, 2 * (first + count), pieces, 2 * first, 2 * rest);
    pieceCount -= count;
  }

  /// Keeps pieces in order and apart from each other.
  private void addPiece(long from, long to) {
    int first = 0;
    while (first < pieceCount && pieces[2 * first + 1] < from) {
      first++;
    }
    int last = first;
    long start = from;
    long end = to;
    while (last < pieceCount && pieces[2 * last] <= to) {
      start = Math.min(start, pieces[2 * last]);
      end = Math.max(end, pieces[2 * last + 1]);
      last++;
    }
    if (last > first) {
      remove(first + 1, last - first - 1);
    } else if (pieceCount < MOST_PIECES) {
      System.arraycopy(pieces, 2 * first, pieces, 2 * first + 2, 2 * (pieceCount - first));
      pieceCount++;
    } else {
      return;
    }
    pieces[2 * first] = start;
    pieces[2 * first + 1] = end;
  }

  /// Whether the peer's FIN has come, and all before it.
  boolean isFinished() {
    return finAt >= 0 && next > finAt;
  }

  /// Bytes to be read.
  int available() {
    return (int) ((isFinished() ? finAt : next) - read);
  }

  /// Takes at most `length` bytes out.
  int read(byte[] to, int at, int length) {
    int count = Math.min(length, available());
    ring.get(read, to, at, count);
    read += count;
    return count;
  }

  void free() {
    ring.free();
  }
}
