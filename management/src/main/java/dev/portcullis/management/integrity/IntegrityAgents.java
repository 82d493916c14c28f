package dev.portcullis.management.integrity;

import dev.portcullis.management.integrity.Finding.Kind;
import dev.portcullis.management.integrity.IntegrityDescription.Kernel;
import dev.portcullis.management.integrity.IntegrityDescription.Watched;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.event.Subject;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.boot.BootDecision.Outcome;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The agents: one thread that looks at all partitions in rotation, a page of each in turn, with no
/// more than its share of a processor.
public final class IntegrityAgents implements AutoCloseable {
  /// At least so long between two rotations: what can be told is bounded by it, too.
  private static final long BETWEEN_ROTATIONS_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private static final long SHORTEST_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final RunningPlatform platform;
  private final int cpuPercent;
  private final Map<String, PartitionWatch> watches = new LinkedHashMap<>();
  private final Map<String, RunningPartition> kernels = new LinkedHashMap<>();
  private final List<Consumer<Finding>> listeners = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile boolean isClosed;
  private volatile long usedNanos;

  private IntegrityAgents(IntegrityDescription description, RunningPlatform platform) {
    this.platform = platform;
    this.cpuPercent = description.cpuPercent();
    this.thread = Thread.ofPlatform().daemon().name("integrity agents").unstarted(this::run);
  }

  /// Begins to look. What is there now, or what the description says, must stay.
  ///
  /// @param listeners told of each finding, on any thread; must not wait
  /// @throws VmmException if devices cannot be kept from what is looked at
  public static IntegrityAgents start(
      IntegrityDescription description, RunningPlatform platform, List<Consumer<Finding>> listeners)
      throws VmmException {
    IntegrityAgents agents = new IntegrityAgents(description, platform);
    agents.listeners.addAll(listeners);
    for (Watched wanted : description.partitions()) {
      agents.watch(wanted);
    }
    agents.listen();
    agents.kernels.keySet().forEach(agents::search);
    agents.thread.start();
    return agents;
  }

  private void listen() throws VmmException {
    for (String name : watches.keySet()) {
      platform
          .partition(name)
          .engine()
          .onChange(state -> {
            if (state.is(Phase.RUNNING)) {
              change(name, PartitionWatch::begun);
              search(name);
            }
          });
    }
    platform.onFault(fault -> watches.values().forEach(watch -> watch.refused(fault)));
    platform.onDecision((partition, decision) -> {
      if (decision.outcome() == Outcome.ADMITTED) {
        change(partition, PartitionWatch::admitted);
      }
    });
  }

  private void watch(Watched wanted) throws VmmException {
    RunningPartition partition = platform.partition(wanted.partition());
    PartitionWatch watch =
        new PartitionWatch(
            partition.partition(),
            platform.memory().map(),
            wanted,
            this::tell,
            (pages, labels) -> tellWatched(wanted.partition(), pages, labels),
            System::nanoTime);
    watch.begin();
    watches.put(wanted.partition(), watch);
    if (wanted.kernel() == Kernel.LINUX) {
      kernels.put(wanted.partition(), partition);
    }
    if (!wanted.ranges().isEmpty()) {
      tellWatched(wanted.partition(), watch.status().pages(), 0);
    }
  }

  private void tellWatched(String partition, long pages, int labels) {
    platform
        .events()
        .publish(
            EventType.INTEGRITY_WATCH,
            Severity.NOTICE,
            Subject.ofPartition(partition),
            "%,d pages of partition %s are looked at".formatted(pages, partition),
            Map.of("pages", pages, "jump-labels", labels));
  }

  /// Looks for the kernel of a partition that has begun, if one is wanted.
  private void search(String partition) {
    RunningPartition of = kernels.get(partition);
    if (of == null) {
      return;
    }
    PartitionWatch watch = watches.get(partition);
    long generation = watch.generation();
    new KernelSearch(
            of.partition(),
            platform.memory().map(),
            of.engine(),
            (ranges, labels) -> change(partition, one -> one.adopt(generation, ranges, labels)))
        .start(() -> !isClosed && watch.generation() == generation);
  }

  /// Something that is done to a watch.
  private interface Change {
    void to(PartitionWatch watch) throws VmmException;
  }

  private void change(String partition, Change change) {
    PartitionWatch watch = watches.get(partition);
    if (watch == null || isClosed) {
      return;
    }
    try {
      change.to(watch);
    } catch (VmmException e) {
      tell(
          new Finding(
              Kind.CHANGED,
              partition,
              Optional.empty(),
              "partition %s cannot be watched: %s".formatted(partition, e.getMessage()),
              Map.of()));
    }
  }

  private void tell(Finding finding) {
    Subject subject =
        finding
            .function()
            .map(at -> Subject.of(at, Optional.of(finding.partition())))
            .orElseGet(() -> Subject.ofPartition(finding.partition()));
    platform
        .events()
        .publish(
            finding.kind() == Kind.CHANGED
                ? EventType.INTEGRITY_VIOLATION
                : EventType.INTEGRITY_DENIED,
            finding.kind() == Kind.CHANGED ? Severity.ALERT : Severity.CRITICAL,
            subject,
            finding.text(),
            finding.data());
    listeners.forEach(listener -> listener.accept(finding));
  }

  private void run() {
    CpuBudget budget = new CpuBudget(cpuPercent, THREADS::getCurrentThreadCpuTime);
    try {
      while (!isClosed) {
        long begun = System.nanoTime();
        rotate(budget);
        watches.values().forEach(PartitionWatch::tellRest);
        rest(budget, BETWEEN_ROTATIONS_NANOS - (System.nanoTime() - begun));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void rotate(CpuBudget budget) throws InterruptedException {
    List<PartitionWatch> left = new ArrayList<>(watches.values());
    while (!left.isEmpty()) {
      left.removeIf(watch -> !watch.step());
      rest(budget, 0);
    }
  }

  /// Rests for as long as is owed, and at least for `leastNanos`.
  private void rest(CpuBudget budget, long leastNanos) throws InterruptedException {
    long nanos = Math.max(budget.owedNanos(), leastNanos);
    usedNanos = budget.usedNanos();
    if (nanos >= SHORTEST_REST_NANOS) {
      long before = System.nanoTime();
      TimeUnit.NANOSECONDS.sleep(nanos);
      budget.rested(System.nanoTime() - before);
    }
  }

  /// How it goes, partition by partition.
  public List<WatchStatus> status() {
    return watches.values().stream().map(PartitionWatch::status).toList();
  }

  /// Processor time that all of it has used.
  public long usedNanos() {
    return usedNanos;
  }

  /// Looks no more, and lets devices write again.
  @Override
  public void close() {
    isClosed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (PartitionWatch watch : watches.values()) {
      try {
        watch.end();
      } catch (VmmException e) {
        // Devices are kept out for longer than needed: nobody loses by that but they.
      }
    }
  }
}
