package dev.portcullis.machine.wiring;

import dev.portcullis.pci.RequesterId;
import dev.portcullis.unit.request.Blocked;
import dev.portcullis.unit.request.Request;
import java.util.ArrayList;
import java.util.List;

/// The requests that units refused: how many, and the newest of them. A device gone wild makes
/// millions a second; what is kept stays small, and noting one allocates nothing, so that nobody
/// else pays for it with the collector's pauses.
public final class BlockedRequests {
  private static final int KEPT = 32;

  private final int[] sourceIds = new int[KEPT];
  private final long[] iovas = new long[KEPT];
  private final Request[] requests = new Request[KEPT];
  private final long[] codes = new long[KEPT];
  private long count;

  /// None yet.
  public BlockedRequests() {}

  synchronized void note(int sourceId, long iova, Request request, long code) {
    int at = placeOf(count++);
    sourceIds[at] = sourceId;
    iovas[at] = iova;
    requests[at] = request;
    codes[at] = code;
  }

  private static int placeOf(long number) {
    return (int) (number % KEPT);
  }

  /// How many there were.
  public synchronized long count() {
    return count;
  }

  /// The newest, oldest first.
  public synchronized List<BlockedRequest> newest() {
    List<BlockedRequest> newest = new ArrayList<>(KEPT);
    for (long number = Math.max(0, count - KEPT); number < count; number++) {
      int at = placeOf(number);
      newest.add(
          new BlockedRequest(
              RequesterId.of(sourceIds[at]), iovas[at], requests[at], Blocked.reason(codes[at])));
    }
    return newest;
  }
}
