package dev.portcullis.machine.wiring;

import dev.portcullis.pci.RequesterId;
import dev.portcullis.unit.request.Blocked;
import dev.portcullis.unit.request.Request;
import java.util.ArrayDeque;
import java.util.List;

/// The requests that units refused: how many, and the newest of them. A device gone wild makes
/// millions; what is kept stays small.
public final class BlockedRequests {
  private static final int KEPT = 32;

  private final ArrayDeque<BlockedRequest> newest = new ArrayDeque<>(KEPT);
  private long count;

  /// None yet.
  public BlockedRequests() {}

  synchronized void note(int sourceId, long iova, Request request, long code) {
    count++;
    if (newest.size() == KEPT) {
      newest.removeFirst();
    }
    newest.addLast(
        new BlockedRequest(RequesterId.of(sourceId), iova, request, Blocked.reason(code)));
  }

  /// How many there were.
  public synchronized long count() {
    return count;
  }

  /// The newest, oldest first.
  public synchronized List<BlockedRequest> newest() {
    return List.copyOf(newest);
  }
}
