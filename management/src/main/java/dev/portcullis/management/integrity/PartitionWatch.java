package dev.portcullis.management.integrity;

import dev.portcullis.driver.fault.FaultRecord;
import dev.portcullis.driver.fault.FaultRecord.RequestType;
import dev.portcullis.management.integrity.Finding.Kind;
import dev.portcullis.management.integrity.IntegrityDescription.Watched;
import dev.portcullis.management.integrity.JumpLabels.Switching;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.fault.FaultEvent;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.partition.DeniedWrite.Writer;
import dev.portcullis.vmm.partition.Guard;
import dev.portcullis.vmm.partition.Partition;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Looks at one partition's memory, a page at a time.
///
/// ```
///              was admitted             begins
///   WATCHING ───────────────▶ BEGINNING ───────▶ WATCHING, with what is there now
///      │ ▲                       nothing is looked at, devices may write
///      └─┘ begins, and nobody had admitted it: what was there before must still be there
/// ```
///
/// A kernel is another at each beginning, and lies elsewhere: its ranges are found anew, see
/// [#adopt].
///
/// The partition takes no part in it: no memory of its own, no time of its processors, and nothing
/// that it could see.
final class PartitionWatch {
  /// Of one partition and rotation; the rest is counted.
  static final int MOST_TOLD = 8;

  /// Looks at a page, a rotation apart, that may find its kernel switching a jump label: it takes a
  /// moment, and who finds it is lucky.
  static final int LONGEST_SWITCHING = 2;

  static final long SETTLING_NANOS = TimeUnit.SECONDS.toNanos(5);
  static final long LONGEST_SETTLING_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Partition partition;
  private final MemoryMap memory;
  private final Watched wanted;
  private final Consumer<Finding> findings;
  private final byte[] page = new byte[(int) PageRange.PAGE_BYTES];
  private final MessageDigest sha256 = Digests.sha256();
  private final AtomicInteger told = new AtomicInteger();
  private final AtomicInteger untold = new AtomicInteger();

  /// Of one that a guard kept from writing: where, and how often since it was last told.
  private final AtomicLong deniedCount = new AtomicLong();

  private volatile long deniedGpa;
  private volatile Writer deniedWriter = Writer.PROCESSOR;

  private final Settled settled;
  private final LongSupplier nanoClock;

  /// Those of the description, then those of the kernel.
  private final List<Area> areas = new ArrayList<>();

  private volatile List<WatchedRange> ranges;
  private boolean isBeginning;
  private volatile long generation;

  /// The kernel was found, and still patches itself now and then.
  private boolean isSettling;

  private boolean hasMoved;
  private int quietRotations;
  private long foundNanos;
  private int area;
  private int next;
  private long rotations;
  private long changes;

  /// A range with what its pages must be, and what they were found to be last.
  ///
  /// @param labels what a kernel may switch there
  /// @param broken for how many looks each page has had a breakpoint in place of one of them
  private record Area(
      WatchedRange range, JumpLabels labels, Digests expected, Digests found, byte[] broken) {
    static Area of(WatchedRange range, JumpLabels labels) {
      Digests expected = new Digests(range.guest());
      return new Area(
          range, labels, expected, new Digests(range.guest()), new byte[expected.pages()]);
    }

    long gpa(int page) {
      return range.guest().first() + page * PageRange.PAGE_BYTES;
    }
  }

  /// Who wants to know that a kernel is looked at.
  interface Settled {
    /// @param pages how many pages are looked at
    /// @param labels how many instructions the kernel may switch there
    void settled(long pages, int labels);
  }

  /// @param memory by host physical address
  /// @param findings told; must not wait
  /// @param settled told when what must be of the kernel is known
  /// @param nanoClock as [System#nanoTime]
  PartitionWatch(
      Partition partition,
      MemoryMap memory,
      Watched wanted,
      Consumer<Finding> findings,
      Settled settled,
      LongSupplier nanoClock) {
    this.partition = partition;
    this.memory = memory;
    this.wanted = wanted;
    this.findings = findings;
    this.settled = settled;
    this.nanoClock = nanoClock;
    this.ranges = wanted.ranges();
    wanted.ranges().forEach(range -> areas.add(Area.of(range, JumpLabels.NONE)));
    partition.onDenied(this::denied);
  }

  String name() {
    return partition.name();
  }

  /// Keeps devices out, and takes what is there now for what must be there.
  ///
  /// @throws VmmException if devices cannot be kept out
  synchronized void begin() throws VmmException {
    guard(wanted.ranges(), wanted.guard());
    areas.forEach(this::take);
    isBeginning = false;
    beginRotation();
  }

  private void beginRotation() {
    area = 0;
    next = 0;
  }

  private void guard(List<WatchedRange> ranges, Guard guard) throws VmmException {
    for (WatchedRange range : ranges) {
      partition.guard(range.guest(), guard);
    }
  }

  /// Which of the partition's beginnings this is.
  long generation() {
    return generation;
  }

  /// Takes up the kernel's ranges, once they have settled.
  ///
  /// @param of the beginning in which they were found; of an earlier one they mean nothing
  /// @param labels what the kernel may switch in its text
  synchronized void adopt(long of, List<WatchedRange> kernel, JumpLabels labels)
      throws VmmException {
    if (of != generation || isBeginning) {
      return;
    }
    dropKernel();
    guard(kernel, wanted.guard());
    for (WatchedRange range : kernel) {
      Area one = Area.of(range, range.isText() ? labels : JumpLabels.NONE);
      take(one);
      areas.add(one);
    }
    List<WatchedRange> all = new ArrayList<>(wanted.ranges());
    all.addAll(kernel);
    ranges = List.copyOf(all);
    isSettling = true;
    hasMoved = false;
    quietRotations = 0;
    foundNanos = nanoClock.getAsLong();
    beginRotation();
  }

  private void dropKernel() throws VmmException {
    int own = wanted.ranges().size();
    List<WatchedRange> kernel = ranges.subList(own, ranges.size());
    ranges = wanted.ranges();
    while (areas.size() > own) {
      areas.removeLast();
    }
    isSettling = false;
    beginRotation();
    guard(kernel, Guard.NOBODY);
  }

  private void take(Area one) {
    MessageDigest whole = Digests.sha256();
    for (int i = 0; i < one.expected.pages(); i++) {
      byte[] digest = digest(one, i);
      whole.update(page);
      one.expected.put(i, digest);
      one.found.put(i, digest);
    }
    String is = HexFormat.of().formatHex(whole.digest());
    if (one.range.sha256().isPresent() && !one.range.sha256().get().equals(is)) {
      changed(
          "%s of partition %s is not what it must be".formatted(one.range, name()),
          data(one, one.range.guest().first(), one.range.sha256().get(), is));
    }
  }

  /// It was found that the partition may begin: it is about to be loaded.
  synchronized void admitted() throws VmmException {
    isBeginning = true;
    generation++;
    dropKernel();
    guard(wanted.ranges(), Guard.NOBODY);
  }

  /// The partition has begun.
  synchronized void begun() throws VmmException {
    generation++;
    dropKernel();
    if (isBeginning) {
      begin();
    }
  }

  /// Looks at one page.
  ///
  /// @return whether the rotation has more
  synchronized boolean step() {
    if (isBeginning || areas.isEmpty()) {
      return false;
    }
    Area one = areas.get(area);
    look(one, next);
    next++;
    if (next == one.expected.pages()) {
      next = 0;
      area++;
    }
    if (area < areas.size()) {
      return true;
    }
    area = 0;
    rotations++;
    settle();
    return false;
  }

  /// A kernel's text is what it must be when it has not changed for a while, or when that takes too
  /// long.
  private void settle() {
    if (!isSettling) {
      return;
    }
    quietRotations = hasMoved ? 0 : quietRotations + 1;
    hasMoved = false;
    long nanos = nanoClock.getAsLong() - foundNanos;
    if (nanos >= SETTLING_NANOS && quietRotations >= 2 || nanos >= LONGEST_SETTLING_NANOS) {
      isSettling = false;
      settled.settled(pages(), areas.stream().mapToInt(one -> one.labels.count()).max().orElse(0));
    }
  }

  private void look(Area one, int at) {
    byte[] digest = digest(one, at);
    if (one.found.has(at, digest)) {
      return;
    }
    one.found.put(at, digest);
    if (isSettling && area >= wanted.ranges().size()) {
      one.expected.put(at, digest);
      hasMoved = true;
    }
    if (!one.expected.has(at, digest)) {
      changes++;
      changed(
          "page %#x of %s of partition %s has changed".formatted(one.gpa(at), one.range, name()),
          data(one, one.gpa(at), one.expected.text(at), Digests.text(digest)));
    }
  }

  private static Map<String, Object> data(Area one, long gpa, String expected, String found) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("range", one.range.name());
    data.put("address", "%#x".formatted(gpa));
    data.put("expected", expected);
    data.put("found", found);
    return data;
  }

  private byte[] digest(Area one, int at) {
    if (!read(one.gpa(at), page, page.length)) {
      return Digests.ABSENT;
    }
    if (!one.labels.smooth(this::read, one.gpa(at), page, Switching.PERHAPS)) {
      one.broken[at] = 0;
    } else if (one.broken[at] < LONGEST_SWITCHING) {
      one.broken[at]++;
    } else {
      read(one.gpa(at), page, page.length);
      one.labels.smooth(this::read, one.gpa(at), page, Switching.NO);
    }
    return sha256.digest(page);
  }

  private boolean read(long gpa, byte[] to, int length) {
    Optional<Long> hpa = partition.map().hpa(gpa);
    return hpa.isPresent() && memory.read(hpa.get(), MemorySegment.ofArray(to), 0, length);
  }

  private void changed(String text, Map<String, Object> data) {
    tell(new Finding(Kind.CHANGED, name(), Optional.empty(), text, data));
  }

  private void tell(Finding finding) {
    if (told.incrementAndGet() <= MOST_TOLD) {
      findings.accept(finding);
    } else {
      untold.incrementAndGet();
    }
  }

  /// Tells of what was not told at once. Called once in a while.
  void tellRest() {
    long count = deniedCount.getAndSet(0);
    if (count > 0) {
      String who =
          deniedWriter == Writer.PROCESSOR ? "a processor" : "a device that the monitor plays";
      findings.accept(
          new Finding(
              Kind.DENIED,
              name(),
              Optional.empty(),
              "%s of partition %s was kept from writing to %#x".formatted(who, name(), deniedGpa),
              Map.of("address", "%#x".formatted(deniedGpa), "count", count)));
    }
    told.set(0);
    int rest = untold.getAndSet(0);
    if (rest > 0) {
      findings.accept(
          new Finding(
              Kind.CHANGED,
              name(),
              Optional.empty(),
              "%,d more findings about partition %s".formatted(rest, name()),
              Map.of("count", rest)));
    }
  }

  /// A guard has kept somebody from writing. On the thread of a guest: waits for nothing.
  private void denied(long gpa, Writer by) {
    deniedGpa = gpa;
    deniedWriter = by;
    deniedCount.incrementAndGet();
  }

  /// The unit has refused something; told at once if it was a write to what is watched. Waits for
  /// nothing.
  void refused(FaultEvent.Refused fault) {
    FaultRecord record = fault.record();
    boolean writes =
        !record.isInterrupt()
            && (record.type() == RequestType.WRITE || record.type() == RequestType.ATOMIC);
    if (!writes || !fault.partition().equals(Optional.of(name()))) {
      return;
    }
    for (WatchedRange range : ranges) {
      if (range.guest().overlaps(new PageRange(record.address(), PageRange.PAGE_BYTES))) {
        tell(
            new Finding(
                Kind.DENIED,
                name(),
                Optional.of(fault.function()),
                "function %s of partition %s was kept from writing to %s at %#x"
                    .formatted(fault.function(), name(), range, record.address()),
                Map.of("range", range.name(), "address", "%#x".formatted(record.address()))));
        return;
      }
    }
  }

  synchronized WatchStatus status() {
    return new WatchStatus(name(), ranges, pages(), rotations, changes);
  }

  private long pages() {
    return areas.stream().mapToLong(one -> one.expected.pages()).sum();
  }

  /// Looks no more; rights are as they were.
  synchronized void end() throws VmmException {
    partition.onDenied((gpa, by) -> {});
    generation++;
    dropKernel();
    guard(wanted.ranges(), Guard.NOBODY);
  }
}
