package dev.portcullis.devices;

import dev.portcullis.memory.Exchange;
import dev.portcullis.memory.Fetched;
import dev.portcullis.memory.MappedRegion;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.memory.MemoryRegion.Access;
import dev.portcullis.pci.AddressType;
import dev.portcullis.pci.AtomicOperation;
import dev.portcullis.pci.AtsEntry;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.IntxLine;
import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.TranslationRequest;
import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// A host with address spaces, as a function under test sees it: translations by script, page
/// requests and completions in notebooks, and an eye on translated requests to pages that were
/// taken away.
public final class SharedMemoryHost implements UpstreamPort {
  private static final int BYTES = 1 << 20;
  private static final long PAGE = -4096;

  private final MemorySegment ram = Arena.ofAuto().allocate(BYTES, 4096);
  private final MemoryMap memory = new MemoryMap();
  private final Map<String, Long> translations = new ConcurrentHashMap<>();
  private final Set<Long> revoked = ConcurrentHashMap.newKeySet();
  private final AtomicInteger holding = new AtomicInteger();

  /// Page requests, oldest first.
  public final Queue<PageRequest> pages = new ConcurrentLinkedQueue<>();

  /// Translation requests, oldest first.
  public final Queue<TranslationRequest> asked = new ConcurrentLinkedQueue<>();

  /// Invalidate completions: the tags, oldest first.
  public final Queue<Integer> completed = new ConcurrentLinkedQueue<>();

  /// Data of interrupt messages, oldest first.
  public final Queue<Integer> messages = new ConcurrentLinkedQueue<>();

  /// Memory requests in words, oldest first.
  public final Queue<String> requests = new ConcurrentLinkedQueue<>();

  /// Translated requests to pages taken away.
  public final Queue<String> violations = new ConcurrentLinkedQueue<>();

  /// What happens on each page request, on the thread that makes it.
  public volatile Consumer<PageRequest> onPage = request -> {};

  /// What every translation request gets instead of an answer, or `null`.
  public volatile Completion refusal;

  /// How many translated requests have come.
  public final AtomicInteger translated = new AtomicInteger();

  /// Whether translated requests take a while before they reach memory.
  public volatile boolean dawdles;

  /// Whether memory requests are held.
  public volatile boolean held;

  public SharedMemoryHost() {
    memory.add(new MappedRegion(0, ram, Access.READ_WRITE));
  }

  /// Plugs `function` in and makes it a bus master.
  public <F extends PciFunction> F plug(F function) {
    function.connect(this, IntxLine.unconnected());
    function.writeConfig(4, 2, 6);
    return function;
  }

  /// Physical memory, address 0 first.
  public MemorySegment ram() {
    return ram;
  }

  /// Maps the 2^`pageLog2` bytes at `iova` for requests with `prefix`.
  public void map(int prefix, long iova, long hpa, int pageLog2, long bits) {
    revoked.remove(hpa & PAGE);
    long entry = AtsEntry.of(hpa, pageLog2, bits);
    for (long at = 0; at < 1L << pageLog2; at += 4096) {
      translations.put(key(prefix, iova + at), entry);
    }
  }

  /// Maps a page to read and write.
  public void map(int prefix, long iova, long hpa) {
    map(prefix, iova, hpa, 12, AtsEntry.R | AtsEntry.W);
  }

  public void unmap(int prefix, long iova) {
    translations.remove(key(prefix, iova));
  }

  /// From now on nobody may use a translation to this page.
  public void revoke(long hpa) {
    revoked.add(hpa & PAGE);
  }

  private static String key(int prefix, long iova) {
    int space = PasidPrefix.isPresent(prefix) ? PasidPrefix.pasid(prefix) : -1;
    return space + ":" + (iova & PAGE);
  }

  /// Whether a request is being held.
  public boolean isHolding() {
    return holding.get() > 0;
  }

  private long route(AddressType type, int prefix, long address, long rights) {
    requests.add(
        "%s %s%x"
            .formatted(
                type,
                PasidPrefix.isPresent(prefix) ? PasidPrefix.pasid(prefix) + ":" : "",
                address));
    holding.incrementAndGet();
    while (held) {
      LockSupport.parkNanos(20_000);
    }
    holding.decrementAndGet();
    if (type == AddressType.TRANSLATED) {
      translated.incrementAndGet();
      for (int i = 0; dawdles && i < 20; i++) {
        Thread.yield();
      }
      if (revoked.contains(address & PAGE)) {
        violations.add("%x".formatted(address));
      }
      return address;
    }
    long entry = translations.getOrDefault(key(prefix, address), 0L);
    boolean granted = (entry & rights) == rights;
    return granted ? AtsEntry.page(entry) + (address & (1L << AtsEntry.pageLog2(entry)) - 1) : -1;
  }

  private static Completion completion(boolean done) {
    return done ? Completion.SUCCESS : Completion.UNSUPPORTED_REQUEST;
  }

  @Override
  public Completion read(long iova, MemorySegment to, long toOffset, long lengthBytes) {
    return read(AddressType.UNTRANSLATED, PasidPrefix.NONE, iova, to, toOffset, lengthBytes);
  }

  @Override
  public Completion read(
      AddressType type,
      int prefix,
      long address,
      MemorySegment to,
      long toOffset,
      long lengthBytes) {
    long hpa = route(type, prefix, address, AtsEntry.R);
    return completion(hpa >= 0 && memory.read(hpa, to, toOffset, lengthBytes));
  }

  @Override
  public Completion write(long iova, MemorySegment from, long fromOffset, long lengthBytes) {
    return write(AddressType.UNTRANSLATED, PasidPrefix.NONE, iova, from, fromOffset, lengthBytes);
  }

  @Override
  public Completion write(
      AddressType type,
      int prefix,
      long address,
      MemorySegment from,
      long fromOffset,
      long lengthBytes) {
    long hpa = route(type, prefix, address, AtsEntry.W);
    return completion(hpa >= 0 && memory.write(hpa, from, fromOffset, lengthBytes));
  }

  @Override
  public Completion zeroLengthRead(long iova) {
    return Completion.SUCCESS;
  }

  @Override
  public Completion atomic(AddressType type, int prefix, long address, AtomicOperation operation) {
    long hpa = route(type, prefix, address, AtsEntry.R | AtsEntry.W);
    Fetched word = new Fetched();
    if (hpa < 0 || !memory.fetch64(hpa & -8, word)) {
      return Completion.UNSUPPORTED_REQUEST;
    }
    operation.found(word.lo);
    return completion(
        memory.compareAndSet64(hpa & -8, word.lo, operation.after(word.lo)) == Exchange.EXCHANGED);
  }

  @Override
  public Completion message(long address, int data) {
    messages.add(data);
    return Completion.SUCCESS;
  }

  @Override
  public long requestTranslation(TranslationRequest request) {
    asked.add(request);
    if (refusal != null) {
      return AtsEntry.refused(refusal);
    }
    long entry = translations.getOrDefault(key(request.prefix(), request.address()), 0L);
    return PasidPrefix.isPrivileged(request.prefix()) ? entry | AtsEntry.PRIV : entry;
  }

  @Override
  public boolean requestPage(PageRequest request) {
    pages.add(request);
    onPage.accept(request);
    return true;
  }

  @Override
  public boolean invalidationCompleted(int tags, int count) {
    completed.add(tags);
    return true;
  }
}
