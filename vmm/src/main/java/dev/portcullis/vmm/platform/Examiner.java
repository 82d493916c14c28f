package dev.portcullis.vmm.platform;

import dev.portcullis.memory.Fetched;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.interrupt.CompatibilityFormat;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.assign.Assignment;
import dev.portcullis.vmm.event.PlainText;
import dev.portcullis.vmm.fault.FaultEvent;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.partition.Partition;
import dev.portcullis.vmm.platform.description.Expectation;
import dev.portcullis.vmm.platform.description.Expectation.Attack;
import dev.portcullis.vmm.platform.description.Expectation.Disk;
import dev.portcullis.vmm.platform.description.Expectation.Invisible;
import dev.portcullis.vmm.platform.description.Expectation.Page;
import dev.portcullis.vmm.platform.description.Expectation.Ping;
import dev.portcullis.vmm.platform.description.Expectation.Stopped;
import dev.portcullis.vmm.platform.description.Expectation.Target;
import dev.portcullis.vmm.platform.description.Expectation.Transfer;
import dev.portcullis.vmm.platform.description.PlatformDescription.Step;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.ClientException;
import dev.portcullis.vmm.software.Client.DmaEnd;
import dev.portcullis.vmm.software.Client.Moved;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Has partitions do what is expected of them, and looks at what comes of it.
public final class Examiner {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Duration DMA_LIMIT = Duration.ofSeconds(10);
  private static final long TOLD_MILLIS = 5_000;
  private static final long LOOK_MILLIS = 5;

  private final RunningPlatform platform;
  private final List<PlatformEvent> events;

  /// What came of an expectation.
  ///
  /// @param detail what was seen, for people: a line, whatever a guest has had a say in it
  public record Outcome(Expectation expectation, boolean held, String detail, Duration took) {
    private static final int MOST_CHARACTERS = 2000;

    public Outcome {
      detail = PlainText.line(detail, MOST_CHARACTERS);
    }
  }

  /// @param events what has happened on the platform, and what happens; safe for use by several
  ///   threads
  public Examiner(RunningPlatform platform, List<PlatformEvent> events) {
    this.platform = platform;
    this.events = events;
  }

  /// Has one expectation come true, or not.
  public Outcome examine(Expectation expectation) throws InterruptedException {
    Instant start = Instant.now();
    Verdict verdict;
    try {
      verdict = judge(expectation);
    } catch (ClientException | VmmException e) {
      verdict = new Verdict(false, e.getMessage());
    }
    return new Outcome(
        expectation, verdict.held, verdict.detail, Duration.between(start, Instant.now()));
  }

  /// Has expectations come true, or not, all at once.
  ///
  /// @return in the order of the step
  public List<Outcome> examine(Step step) throws InterruptedException {
    List<FutureTask<Outcome>> tasks = new ArrayList<>();
    for (Expectation expectation : step.atOnce()) {
      FutureTask<Outcome> task = new FutureTask<>(() -> examine(expectation));
      tasks.add(task);
      Thread.ofPlatform().daemon().name("expect " + expectation.from()).start(task);
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      try {
        outcomes.add(tasks.get(i).get());
      } catch (ExecutionException e) {
        Expectation expectation = step.atOnce().get(i);
        outcomes.add(new Outcome(expectation, false, e.getCause().toString(), Duration.ZERO));
      }
    }
    return outcomes;
  }

  private record Verdict(boolean held, String detail) {}

  private Verdict judge(Expectation expectation)
      throws ClientException, VmmException, InterruptedException {
    RunningPartition from = platform.partition(expectation.from());
    Client client =
        from.client()
            .orElseThrow(
                () -> new ClientException(from.name() + " runs no client that could be asked"));
    return switch (expectation) {
      case Ping ping -> {
        Duration took = client.ping(ping.to(), ping.within());
        yield new Verdict(true, "answered in %.2f ms".formatted(took.toNanos() / 1e6));
      }
      case Page page -> page(client, page);
      case Transfer transfer -> moved(client.transfer(transfer.host(), transfer.bytes(), LIMIT));
      case Disk disk -> moved(client.disk(disk.bytes(), LIMIT));
      case Invisible invisible -> {
        List<RequesterId> seen = client.functions();
        boolean held = !seen.contains(platform.guestPlaceOf(invisible.at()));
        yield new Verdict(held, "it sees " + seen);
      }
      case Attack attack -> attack(from, client, attack);
      case Stopped stopped -> stopped(client, stopped);
    };
  }

  private Verdict stopped(Client client, Stopped stopped)
      throws ClientException, InterruptedException {
    long deadline = System.nanoTime() + TOLD_MILLIS * 1_000_000;
    while (!platform.isStopped(stopped.at()) && System.nanoTime() < deadline) {
      Thread.sleep(LOOK_MILLIS);
    }
    if (!platform.isStopped(stopped.at())) {
      return new Verdict(false, "no rule has stopped it");
    }
    DmaEnd end = client.attack(platform.guestPlaceOf(stopped.at()), 0, DMA_LIMIT);
    return new Verdict(
        end == DmaEnd.REFUSED,
        switch (end) {
          case REFUSED -> "it reaches nothing, its own memory neither";
          case UNTOLD -> "it does not say how its DMA ended";
          case DONE -> "it still does DMA";
        });
  }

  private Verdict page(Client client, Page page) throws ClientException, InterruptedException {
    String text = client.page(page.host(), page.path(), page.within());
    Duration since = Duration.between(platform.started(), Instant.now());
    String detail =
        "%d bytes, %.2f s after the start".formatted(text.length(), since.toMillis() / 1e3);
    if (!text.contains(page.contains())) {
      return new Verdict(false, detail + "; \"" + page.contains() + "\" is not in it");
    }
    return new Verdict(since.compareTo(page.within()) <= 0, detail);
  }

  private static Verdict moved(Moved moved) {
    double mebibytes = moved.bytes() / (double) (1 << 20);
    double seconds = Math.max(1e-9, moved.took().toNanos() / 1e9);
    return new Verdict(
        moved.isEqual(),
        moved.isEqual()
            ? "SHA-256 %s…, %.0f MiB each way, %.0f MiB/s"
                .formatted(moved.sent().substring(0, 16), mebibytes, 2 * mebibytes / seconds)
            : "sent %s, came back %s".formatted(moved.sent(), moved.received()));
  }

  private Verdict attack(RunningPartition from, Client client, Attack attack)
      throws ClientException, VmmException, InterruptedException {
    long address = aim(from, attack.target());
    int before = events.size();
    Optional<Long> was = load(attack.target(), address);
    DmaEnd end = client.attack(platform.guestPlaceOf(attack.at()), address, DMA_LIMIT);
    if (!was.equals(load(attack.target(), address))) {
      return new Verdict(false, "%#x was changed".formatted(address));
    }
    if (end == DmaEnd.DONE) {
      return new Verdict(false, "a write to %#x was not refused".formatted(address));
    }
    Optional<FaultEvent.Refused> told = awaitTold(attack, address, before);
    return told.map(fault -> told(from, fault))
        .orElseGet(() -> new Verdict(false, "refused, and nobody was told"));
  }

  private static Verdict told(RunningPartition from, FaultEvent.Refused fault) {
    boolean attributed = fault.partition().equals(Optional.of(from.name()));
    return new Verdict(
        attributed,
        "reason %02xh, told as %s's"
            .formatted(fault.record().reasonCode(), fault.partition().orElse("nobody")));
  }

  /// An address of the target that the partition's own map does not lead elsewhere.
  private long aim(RunningPartition from, Target target) throws VmmException, ClientException {
    PageRange range =
        switch (target) {
          case FIRMWARE -> platform.firmware();
          case MONITOR -> platform.own();
          case OUTSIDE_MAP -> {
            long end = from.description().memoryBytes();
            yield new PageRange(end, PageRange.PAGE_BYTES);
          }
          case OTHER_PARTITION -> other(from).window();
          case INTERRUPT -> {
            yield null;
          }
        };
    if (range == null) {
      return forgedInterrupt(from);
    }
    for (long hpa = range.end() - PageRange.PAGE_BYTES;
        hpa >= range.first();
        hpa -= PageRange.PAGE_BYTES) {
      if (from.partition().map().at(hpa).isEmpty()) {
        return hpa;
      }
    }
    throw new ClientException(
        "%s at %s lies under addresses that lead %s to its own memory: give it less"
            .formatted(
                target.name().toLowerCase(Locale.ROOT).replace('_', ' '), range, from.name()));
  }

  private Partition other(RunningPartition from) throws ClientException {
    return platform.partitions().stream()
        .filter(one -> one != from)
        .map(RunningPartition::partition)
        .max(Comparator.comparingLong(one -> one.window().first()))
        .orElseThrow(() -> new ClientException("there is no other partition"));
  }

  /// Where a message goes that names an entry of another partition's; or, if there is none, one
  /// that names no entry.
  private long forgedInterrupt(RunningPartition from) {
    for (RunningPartition one : platform.partitions()) {
      for (Assignment assignment : platform.lvmm().assignments().of(one.partition())) {
        if (one != from && assignment.interrupts().isPresent()) {
          return assignment.interrupts().get().message(0).address();
        }
      }
    }
    return CompatibilityFormat.addressOf(1, 0);
  }

  private Optional<Long> load(Target target, long address) {
    Fetched word = new Fetched();
    boolean isMemory = target != Target.INTERRUPT && platform.memory().map().fetch64(address, word);
    return isMemory ? Optional.of(word.lo) : Optional.empty();
  }

  private Optional<FaultEvent.Refused> awaitTold(Attack attack, long address, int before)
      throws InterruptedException {
    RequesterId requester = platform.description().machine().topology().requesterOf(attack.at());
    long deadline = System.nanoTime() + TOLD_MILLIS * 1_000_000;
    while (System.nanoTime() < deadline) {
      Optional<FaultEvent.Refused> told =
          events.stream()
              .skip(before)
              .flatMap(event -> refusal(event).stream())
              .filter(fault -> fault.function().equals(requester) && isOf(attack, address, fault))
              .findFirst();
      if (told.isPresent()) {
        return told;
      }
      Thread.sleep(LOOK_MILLIS);
    }
    return Optional.empty();
  }

  private static Optional<FaultEvent.Refused> refusal(PlatformEvent event) {
    return event instanceof PlatformEvent.Fault(FaultEvent.Refused fault)
        ? Optional.of(fault)
        : Optional.empty();
  }

  private static boolean isOf(Attack attack, long address, FaultEvent.Refused fault) {
    return attack.target() == Target.INTERRUPT
        ? fault.record().isInterrupt()
        : !fault.record().isInterrupt()
            && fault.record().address() == (address & -PageRange.PAGE_BYTES);
  }
}
