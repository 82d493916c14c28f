package dev.portcullis.vmm.nativeos.dma;

import dev.portcullis.driver.fault.FaultRecord.RequestType;
import dev.portcullis.driver.port.PageAllocator;
import dev.portcullis.vmm.nativeos.dma.Explanation.Kind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/// What one driver has mapped, and what it has unmapped lately. Safe for use by several threads.
///
/// Addresses of a buffer that was unmapped stay its own as long as it is remembered: whoever gives
/// addresses out learns from [#unmapped] when one is forgotten.
public final class DmaLedger {
  private static final long PAGE = PageAllocator.PAGE_BYTES;

  private final int remembered;
  private final LongSupplier nanos;

  /// By the address of the first page.
  private final TreeMap<Long, DmaBuffer> mapped = new TreeMap<>();

  /// Latest first.
  private final Deque<Gone> gone = new ArrayDeque<>();

  /// @param nanos when it was unmapped
  private record Gone(DmaBuffer buffer, long nanos) {}

  /// @param remembered how many unmapped buffers it remembers
  /// @param nanos the clock
  public DmaLedger(int remembered, LongSupplier nanos) {
    this.remembered = remembered;
    this.nanos = nanos;
  }

  /// Whether some page of `buffer` is one of a buffer that is mapped or remembered is the caller's
  /// care: there is none.
  public synchronized void mapped(DmaBuffer buffer) {
    mapped.put(firstPage(buffer), buffer);
  }

  /// A buffer is unmapped from now on, and remembered.
  ///
  /// @return the buffer that is forgotten for it
  /// @throws IllegalArgumentException if it is not mapped
  public synchronized Optional<DmaBuffer> unmapped(DmaBuffer buffer) {
    if (!mapped.remove(firstPage(buffer), buffer)) {
      throw new IllegalArgumentException("not mapped: " + buffer);
    }
    gone.addFirst(new Gone(buffer, nanos.getAsLong()));
    return gone.size() > remembered ? Optional.of(gone.removeLast().buffer) : Optional.empty();
  }

  /// The buffer in whose pages `bytes` bytes at `address` lie, if it is mapped.
  public synchronized Optional<DmaBuffer> find(long address, long bytes) {
    Map.Entry<Long, DmaBuffer> below = mapped.floorEntry(address);
    return below != null && bytes <= endPage(below.getValue()) - address
        ? Optional.of(below.getValue())
        : Optional.empty();
  }

  /// What is mapped now, lowest first.
  public synchronized List<DmaBuffer> mappedNow() {
    return new ArrayList<>(mapped.values());
  }

  /// What a refused access to the page at `page` has to do with all that.
  public synchronized Explanation explain(long page, RequestType type) {
    Optional<DmaBuffer> here = find(page, PAGE);
    if (here.isPresent()) {
      boolean permits = here.get().direction().permits(type);
      return in(permits ? Kind.TOO_EARLY : Kind.WRONG_DIRECTION, here.get(), Optional.empty());
    }
    Optional<Gone> was = gone.stream().filter(one -> holds(one.buffer, page)).findFirst();
    return was.map(one -> in(Kind.AFTER_UNMAP, one.buffer, Optional.of(since(one))))
        .orElseGet(() -> nearest(page));
  }

  private static Explanation in(Kind kind, DmaBuffer buffer, Optional<Duration> gone) {
    return new Explanation(kind, Optional.of(buffer), 0, 0, gone);
  }

  /// One that is mapped comes before one that is as near and is not.
  private Explanation nearest(long page) {
    List<Explanation> near = new ArrayList<>();
    neighbours(page).forEach(buffer -> near.add(off(page, buffer, Optional.empty())));
    for (Iterator<Gone> all = gone.iterator(); all.hasNext(); ) {
      Gone one = all.next();
      near.add(off(page, one.buffer, Optional.of(since(one))));
    }
    return near.stream()
        .min(Comparator.comparingLong(Explanation::leastBytes))
        .orElse(new Explanation(Kind.NOTHING_MAPPED, Optional.empty(), 0, 0, Optional.empty()));
  }

  private List<DmaBuffer> neighbours(long page) {
    List<DmaBuffer> two = new ArrayList<>();
    Optional.ofNullable(mapped.floorEntry(page)).ifPresent(one -> two.add(one.getValue()));
    Optional.ofNullable(mapped.higherEntry(page)).ifPresent(one -> two.add(one.getValue()));
    return two;
  }

  private static Explanation off(long page, DmaBuffer buffer, Optional<Duration> gone) {
    boolean behind = page >= buffer.address();
    long least = behind ? page - buffer.end() + 1 : buffer.address() - page - PAGE + 1;
    return new Explanation(
        behind ? Kind.BEHIND : Kind.BEFORE, Optional.of(buffer), least, least + PAGE - 1, gone);
  }

  private Duration since(Gone one) {
    return Duration.ofNanos(nanos.getAsLong() - one.nanos);
  }

  private static boolean holds(DmaBuffer buffer, long page) {
    return page >= firstPage(buffer) && page < endPage(buffer);
  }

  private static long firstPage(DmaBuffer buffer) {
    return buffer.address() & -PAGE;
  }

  private static long endPage(DmaBuffer buffer) {
    return buffer.end() + PAGE - 1 & -PAGE;
  }
}
