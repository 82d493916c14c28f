package dev.portcullis.kit.random;

import dev.portcullis.kit.Outcome;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.fault.FaultRecord;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.reference.Answer;
import dev.portcullis.kit.reference.Ask;
import dev.portcullis.kit.reference.NaiveWalker;
import dev.portcullis.pci.AtsEntry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// A unit and the naive walker before the same memory: each request is made to both.
///
/// What must be equal is what the device sees, what is recorded, and which flags of paging entries
/// are set afterwards.
public final class Duel {
  /// Descriptors that fit into the queue together.
  private static final int AT_ONCE = 32;

  private final TestMachine machine;
  private final ScalableWorld world;
  private final long rtaddr;
  private final NaiveWalker walker;
  private final List<Slot> watched;
  private final long[] shadow;

  private final Map<Integer, Integer> reasons = new TreeMap<>();
  private final Set<Long> heads;
  private boolean succeeded;
  private int requests;

  /// What software has changed and not invalidated: what stood there.
  private Step.Write stale;

  /// @param world whose tables are between them; those with flags are watched
  public Duel(TestMachine machine, ScalableWorld world) {
    this.machine = machine;
    this.world = world;
    this.rtaddr = world.rtaddr();
    this.walker =
        new NaiveWalker(machine.facts(), machine.memory().map(), machine.configuration().bit62());
    this.watched = world.slots().stream().filter(Slot::isPaging).toList();
    this.shadow = new long[watched.size()];
    this.heads =
        world.slots().stream()
            .filter(slot -> !slot.isPaging())
            .map(slot -> slot.hpa() >>> 12)
            .collect(Collectors.toSet());
    look();
  }

  public NaiveWalker walker() {
    return walker;
  }

  public TestMachine machine() {
    return machine;
  }

  /// How many requests were recorded as refused, by reason.
  public Map<Integer, Integer> reasons() {
    return Collections.unmodifiableMap(reasons);
  }

  /// How many requests were made to both.
  public int requests() {
    return requests;
  }

  /// Whether the last request came to a good end.
  public boolean lastSucceeded() {
    return succeeded;
  }

  /// Takes a step; what went wrong, or nothing.
  public Optional<String> take(Step step) {
    return switch (step) {
      case Step.Write write -> {
        write(write);
        look();
        yield Optional.empty();
      }
      case Step.Mended(Step.Write write, Step.Invalidate invalidate) -> {
        write(write);
        invalidate(invalidate.descriptors());
        look();
        yield Optional.empty();
      }
      case Step.Owing(ScalableWorld.Change change) -> {
        Step.Invalidate owed = world.owed(change, walker);
        write(change.write());
        invalidate(owed.descriptors());
        look();
        yield Optional.empty();
      }
      case Step.Stale changed -> {
        writeWithoutInvalidation(changed.write());
        yield Optional.empty();
      }
      case Step.Invalidate invalidate -> {
        invalidate(invalidate.descriptors());
        stale = null;
        yield Optional.empty();
      }
      case Step.Make make -> make(make.ask());
    };
  }

  /// Whether tables take other tables than their own kind for some of theirs: then flags of entries
  /// end up in what was cached already, and no invalidation is due for that.
  private boolean isAstray(Ask ask) {
    return walker.visits(rtaddr, ask).stream().anyMatch(v -> heads.contains(v.hpa() >>> 12));
  }

  /// Writes, and from now on until the next invalidation takes answers of before for good, too.
  private void writeWithoutInvalidation(Step.Write write) {
    stale = new Step.Write(write.what(), write.hpa(), read(write.hpa(), write.words().size()));
    write(write);
    look();
  }

  private void invalidate(List<Descriptor> descriptors) {
    for (int from = 0; from < descriptors.size(); from += AT_ONCE) {
      int to = Math.min(from + AT_ONCE, descriptors.size());
      machine.queue().complete(descriptors.subList(from, to).toArray(Descriptor[]::new));
    }
  }

  private void write(Step.Write write) {
    // The word with P last.
    for (int i = write.words().size() - 1; i >= 0; i--) {
      machine.memory().writeLong(write.hpa() + 8L * i, write.words().get(i));
    }
  }

  private List<Long> read(long hpa, int words) {
    List<Long> read = new ArrayList<>();
    for (int i = 0; i < words; i++) {
      read.add(machine.memory().readLong(hpa + 8L * i));
    }
    return read;
  }

  private Optional<String> make(Ask ask) {
    succeeded = false;
    if (isAstray(ask)) {
      return Optional.empty();
    }
    requests++;
    Answer now = walker.answer(rtaddr, ask);
    Answer before = stale == null ? now : before(ask);
    if (stale != null && (isTwice(ask) || before == null)) {
      return Optional.empty();
    }
    Outcome outcome = machine.make(ask);
    succeeded = outcome.completion().isSuccess();
    List<FaultRecord> records = machine.faults().take();
    records.forEach(record -> reasons.merge(record.reason(), 1, Integer::sum));
    boolean fits =
        fits(now, ask, outcome, records)
            || stale != null
                && (fits(before, ask, outcome, records) || fitsBoth(ask, outcome, records));
    if (!fits) {
      return Optional.of(
          "%s: unit says %s, %s; walker says %s%s"
              .formatted(
                  ask, shown(ask, outcome), records, now, stale == null ? "" : " or " + before));
    }
    return stale == null ? flags(ask, now) : unchecked();
  }

  private Optional<String> unchecked() {
    look();
    return Optional.empty();
  }

  /// The answer as it would be without the last change.
  private Answer before(Ask ask) {
    return withoutChange(() -> walker.answer(rtaddr, ask));
  }

  private <T> T withoutChange(Supplier<T> question) {
    List<Long> current = read(stale.hpa(), stale.words().size());
    write(stale);
    T answer = question.get();
    write(new Step.Write(stale.what(), stale.hpa(), current));
    return answer;
  }

  /// Whether the answer is that of a context of now that leads to PASIDs of before: the caches of
  /// both forget at different times.
  private boolean fitsBoth(Ask ask, Outcome outcome, List<FaultRecord> records) {
    OptionalLong contextNow = context(ask);
    OptionalLong tablesBefore = withoutChange(() -> directory(ask));
    if (contextNow.isEmpty() || tablesBefore.isEmpty()) {
      return false;
    }
    long hpa = contextNow.getAsLong();
    long word = machine.memory().readLong(hpa);
    machine.memory().writeLong(hpa, word & 0xfff | tablesBefore.getAsLong());
    Answer both = walker.answer(rtaddr, ask);
    machine.memory().writeLong(hpa, word);
    return fits(both, ask, outcome, records);
  }

  /// Where the context entry of the one who asks is, if root table and mode allow any.
  private OptionalLong context(Ask ask) {
    int source = ask.sourceId();
    long root = machine.memory().readLong((rtaddr & -4096L) + (source >>> 7) * 8L);
    boolean usable = (rtaddr >>> 10 & 3) == 1 && (root & 0xfff) == 1 && root < GuestMemory.HOLE;
    return usable ? OptionalLong.of((root & -4096L) + 32L * (source & 0x7f)) : OptionalLong.empty();
  }

  /// The PASID directory that the context entry of the one who asks leads to.
  private OptionalLong directory(Ask ask) {
    OptionalLong context = context(ask);
    return context.isPresent()
        ? OptionalLong.of(machine.memory().readLong(context.getAsLong()) & -4096L)
        : context;
  }

  /// Whether the request comes by the changed entry more than once: then it may find both.
  private boolean isTwice(Ask ask) {
    return isTwiceNow(ask) || withoutChange(() -> isTwiceNow(ask));
  }

  private boolean isTwiceNow(Ask ask) {
    return walker.visits(rtaddr, ask).stream().filter(v -> v.hpa() == stale.hpa()).count() > 1;
  }

  private static boolean fits(Answer answer, Ask ask, Outcome outcome, List<FaultRecord> records) {
    return isSame(ask, answer.outcome(), outcome)
        && records.equals(answer.record().stream().toList());
  }

  private static boolean isSame(Ask ask, Outcome expected, Outcome actual) {
    if (expected.equals(actual)) {
      return true;
    }
    if (ask.kind() != Ask.Kind.TRANSLATION || expected.hpa() < 0 || actual.hpa() < 0) {
      return false;
    }
    long flags = 0xfff & ~AtsEntry.S;
    if ((expected.hpa() & (AtsEntry.R | AtsEntry.W)) == 0 || (expected.hpa() & AtsEntry.U) != 0) {
      return (expected.hpa() & flags) == (actual.hpa() & flags); // the address means nothing
    }
    // What passes through may come in pages of any size.
    boolean wholeAddresses =
        AtsEntry.page(expected.hpa()) == (ask.address() & -4096L)
            && AtsEntry.pageLog2(expected.hpa()) == 12;
    return wholeAddresses
        && (expected.hpa() & flags) == (actual.hpa() & flags)
        && AtsEntry.page(actual.hpa()) == (ask.address() & -1L << AtsEntry.pageLog2(actual.hpa()));
  }

  private static String shown(Ask ask, Outcome outcome) {
    return ask.kind() == Ask.Kind.TRANSLATION && outcome.hpa() >= 0
        ? "completion %#x".formatted(outcome.hpa())
        : outcome.toString();
  }

  private Optional<String> flags(Ask ask, Answer answer) {
    for (int i = 0; i < shadow.length; i++) {
      long hpa = watched.get(i).hpa();
      long after = machine.memory().readLong(hpa);
      long due = answer.flags().due(hpa);
      long before = shadow[i];
      shadow[i] = after;
      long least = before | due;
      if ((after & least) != least || (after & ~(least | answer.flags().allowed(hpa))) != 0) {
        return Optional.of(
            "%s: entry at %#x was %016x and is %016x; walker says %s"
                .formatted(ask, hpa, before, after, answer));
      }
    }
    return Optional.empty();
  }

  private void look() {
    for (int i = 0; i < shadow.length; i++) {
      shadow[i] = machine.memory().readLong(watched.get(i).hpa());
    }
  }
}
