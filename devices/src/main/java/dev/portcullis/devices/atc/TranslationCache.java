package dev.portcullis.devices.atc;

import dev.portcullis.pci.Ats;
import dev.portcullis.pci.AtsEntry;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.InvalidateRequest;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.pci.TranslationRequest;
import dev.portcullis.pci.UpstreamPort;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// A device-TLB: translations the device has asked for, until it is told to forget them.
///
/// Whoever uses a translation brackets the lookup and every request made with it in [#enter] and
/// [#exit]. [#invalidate] waits for the brackets that are open; so once it has returned no request
/// with what it dropped is under way, nor ever will be. A bracket must not wait for anything that
/// waits for an invalidation: never for a page.
///
/// Safe for use by several threads.
///
/// @pcie 10.1.1 Address Translation Services (ATS) Overview
public final class TranslationCache {
  private final Ats ats;
  private final UpstreamPort port;
  private final AtomicReferenceArray<Entry> entries;
  private final ReentrantReadWriteLock uses = new ReentrantReadWriteLock();
  private final LongAdder hits = new LongAdder();
  private final LongAdder asked = new LongAdder();
  private volatile boolean halted;
  private int next;

  /// @param prefix the [PasidPrefix] of the request, or none: a translation serves its like only
  /// @param page first byte of the page
  /// @param translation an [AtsEntry]
  private record Entry(int prefix, long page, int pageLog2, long translation) {
    static Entry of(int prefix, long iova, long translation) {
      int pageLog2 = AtsEntry.pageLog2(translation);
      return new Entry(prefix, startOf(iova, pageLog2), pageLog2, translation);
    }

    boolean covers(int ofPrefix, long iova) {
      return prefix == ofPrefix && startOf(iova, pageLog2) == page;
    }

    /// Whether the page and the 2^`log2` bytes at `start` have a byte in common; both are aligned
    /// to their size.
    boolean meets(long start, int log2) {
      int larger = Math.max(log2, pageLog2);
      return startOf(start, larger) == startOf(page, larger);
    }
  }

  private static long startOf(long address, int log2) {
    return log2 >= Long.SIZE ? 0 : address & -1L << log2;
  }

  /// An empty cache.
  ///
  /// @param ats where software says whether the device may use it
  /// @param port where translations are asked for
  /// @param places how many translations it holds at most
  public TranslationCache(Ats ats, UpstreamPort port, int places) {
    this.ats = ats;
    this.port = port;
    this.entries = new AtomicReferenceArray<>(places);
    ats.onSwitch(this::restart);
  }

  /// Whether requests are to have translated addresses: software allows it, and the unit has not
  /// refused to translate since it did.
  public boolean isInUse() {
    return ats.isEnabled() && !halted;
  }

  /// Begins a use.
  public void enter() {
    uses.readLock().lock();
  }

  /// Ends a use.
  public void exit() {
    uses.readLock().unlock();
  }

  /// Where the page of `iova` is, from memory or by asking.
  ///
  /// An answer that the request is unsupported ends the use of translations until software starts
  /// it again.
  ///
  /// @param prefix a [PasidPrefix], or none
  /// @return an [AtsEntry], whose rights may not be enough: then the page is missing; or a negative
  ///   number, see [AtsEntry#completion]
  public long translate(int prefix, long iova, Wanted wanted) {
    long known = lookup(prefix, iova);
    if (known >= 0 && wanted.isGrantedBy(known)) {
      hits.increment();
      return known;
    }
    asked.increment();
    long answer =
        port.requestTranslation(
            wanted == Wanted.READ
                ? TranslationRequest.forReading(prefix, iova)
                : TranslationRequest.of(prefix, iova));
    if (answer >= 0) {
      keep(prefix, iova, answer);
    } else if (AtsEntry.completion(answer) == Completion.UNSUPPORTED_REQUEST) {
      halted = true;
    }
    return answer;
  }

  /// The translation known of `iova`, or -1.
  private long lookup(int prefix, long iova) {
    for (int i = 0; i < entries.length(); i++) {
      Entry entry = entries.get(i);
      if (entry != null && entry.covers(prefix, iova)) {
        return entry.translation;
      }
    }
    return -1;
  }

  /// Takes `translation` in the place of what was known of the page. One without rights is not
  /// kept: the page may come at any time, and nobody would tell.
  private synchronized void keep(int prefix, long iova, long translation) {
    int place = -1;
    for (int i = 0; i < entries.length(); i++) {
      Entry entry = entries.get(i);
      if (entry == null) {
        place = i;
      } else if (entry.covers(prefix, iova)) {
        entries.set(i, null);
        place = i;
      }
    }
    if ((translation & (AtsEntry.R | AtsEntry.W)) == 0) {
      return;
    }
    if (place < 0) {
      place = next;
      next = (next + 1) % entries.length();
    }
    entries.set(place, Entry.of(prefix, iova, translation));
  }

  /// Forgets what `request` says, and returns when no request uses it any more.
  ///
  /// A range smaller than software's smallest unit stands for the whole unit.
  ///
  /// @pcie 10.3.1 Invalidate Request
  public void invalidate(InvalidateRequest request) {
    long bytes = request.bytes();
    int log2 = bytes == 0 ? Long.SIZE : Long.numberOfTrailingZeros(bytes);
    int wholeLog2 = Math.max(log2, ats.smallestUnitLog2());
    uses.writeLock().lock();
    try {
      for (int i = 0; i < entries.length(); i++) {
        Entry entry = entries.get(i);
        if (entry != null
            && isMeant(request, entry.prefix)
            && entry.meets(request.address(), wholeLog2)) {
          entries.set(i, null);
        }
      }
    } finally {
      uses.writeLock().unlock();
    }
  }

  private static boolean isMeant(InvalidateRequest request, int prefix) {
    if (request.allPasids()) {
      return PasidPrefix.isPresent(prefix);
    }
    return PasidPrefix.isPresent(prefix) == PasidPrefix.isPresent(request.prefix())
        && PasidPrefix.pasid(prefix) == PasidPrefix.pasid(request.prefix());
  }

  /// Forgets everything, whatever software has switched.
  private void restart() {
    uses.writeLock().lock();
    try {
      for (int i = 0; i < entries.length(); i++) {
        entries.set(i, null);
      }
      halted = false;
    } finally {
      uses.writeLock().unlock();
    }
  }

  /// How many translations were known when they were needed.
  public long hits() {
    return hits.sum();
  }

  /// How many translations were asked for.
  public long asked() {
    return asked.sum();
  }

  /// How many translations are known.
  public int size() {
    int size = 0;
    for (int i = 0; i < entries.length(); i++) {
      size += entries.get(i) == null ? 0 : 1;
    }
    return size;
  }
}
