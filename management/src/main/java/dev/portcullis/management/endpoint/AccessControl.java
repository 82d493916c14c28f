package dev.portcullis.management.endpoint;

import dev.portcullis.management.access.AccessDecision;
import dev.portcullis.management.boot.BootRecord;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.endpoint.PartitionAccess.Parts;
import dev.portcullis.management.enforcement.Enforcement;
import dev.portcullis.management.enforcement.NetworkAccess;
import dev.portcullis.management.posture.Inventory;
import dev.portcullis.management.posture.PostureBroker;
import dev.portcullis.management.posture.ReportKey;
import dev.portcullis.management.posture.ReportVerifier;
import dev.portcullis.management.provision.Caretaker;
import dev.portcullis.management.recovery.Recovery;
import dev.portcullis.management.remediation.CaptivePage;
import dev.portcullis.management.remediation.HelpHost;
import dev.portcullis.management.remediation.Remediation;
import dev.portcullis.management.remediation.RemediationStep;
import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.VmmException.Reason;
import dev.portcullis.vmm.bridge.HostPorts;
import dev.portcullis.vmm.event.Event;
import dev.portcullis.vmm.event.EventSink;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PartitionDescription.Role;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/// Endpoint access control: how much of the network each client partition has, by what it is and
/// has.
///
/// ```
///   collection ─▶ reporting ─▶ evaluation ─▶ enforcement ─▶ remediation ─┐
///       ▲          signed,       policy        the bridge's    named     │
///       │          verified      (PDP)         ports (PEP)     steps     │
///       └────────────────────────────────────────────────────────────────┘
/// ```
///
/// That is done when a partition begins, when something happens to it, and when it is time again.
/// What was decided stays in force until something else is decided, also after a sudden end; a
/// partition that does not run has no access, and begins without any.
public final class AccessControl implements Caretaker, AutoCloseable {
  private static final long LOOK_MILLIS = 500;

  private final RunningPlatform platform;
  private final Enforcement enforcement;
  private final Optional<HelpHost> help;
  private final PolicyKeeper policy;
  private final Thread watch =
      Thread.ofPlatform().daemon().name("access policy").unstarted(this::watch);
  private final Parts parts;

  /// Replaced as a whole: whoever walks through them may go on.
  private volatile Map<String, PartitionAccess> partitions = Map.of();

  private final List<BiConsumer<String, AccessDecision>> listeners = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  private AccessControl(
      AccessDescription description,
      RunningPlatform platform,
      StateStore state,
      Enforcement enforcement,
      VerifiedBoot boot,
      Recovery recovery)
      throws StateException, VmmException {
    this.platform = platform;
    this.enforcement = enforcement;
    InstantSource clock = InstantSource.system();
    ReportKey key = ReportKey.of(state);
    ReportVerifier verifier =
        new ReportVerifier(key.publicKey(), state, clock, description.fresh());
    Inventory inventory =
        new Inventory(platform, description.hashed(), name -> bootFacts(boot.record(name)));
    this.help = help(description);
    this.policy = new PolicyKeeper(description.policy(), platform.events());
    this.parts =
        new Parts(
            new PostureBroker(platform, inventory, key, verifier, clock),
            verifier,
            policy,
            enforcement,
            new Remediation(platform, recovery, help),
            description.steps(),
            description.every(),
            clock,
            (name, decision) -> listeners.forEach(one -> one.accept(name, decision)));
    for (RunningPartition one : platform.partitions()) {
      if (one.description().role() == Role.CLIENT) {
        take(one);
      }
    }
  }

  private PartitionAccess take(RunningPartition one) {
    StageNews news = new StageNews(platform.events(), one.name());
    PartitionAccess access = new PartitionAccess(one, parts, news);
    Map<String, PartitionAccess> next = new LinkedHashMap<>(partitions);
    next.put(one.name(), access);
    partitions = Collections.unmodifiableMap(next);
    return access;
  }

  @Override
  public synchronized void came(RunningPartition partition) {
    if (!closed && partition.description().role() == Role.CLIENT) {
      take(partition).start();
    }
  }

  /// Should it come again, it is decided anew before anything passes.
  @Override
  public synchronized void went(String partition) {
    Map<String, PartitionAccess> next = new LinkedHashMap<>(partitions);
    Optional.ofNullable(next.remove(partition)).ifPresent(PartitionAccess::leave);
    partitions = Collections.unmodifiableMap(next);
  }

  /// Begins to control the access of all client partitions.
  ///
  /// @param boot knows what they boot from
  /// @param recovery rebuilds them where a step says so
  /// @throws StateException if the key of reports cannot be kept
  /// @throws VmmException if there is no bridge of ours, or it has no port for the host that helps
  public static AccessControl start(
      AccessDescription description,
      RunningPlatform platform,
      StateStore state,
      Enforcement enforcement,
      VerifiedBoot boot,
      Recovery recovery)
      throws StateException, VmmException {
    AccessControl control =
        new AccessControl(description, platform, state, enforcement, boot, recovery);
    control.partitions.values().forEach(PartitionAccess::start);
    control.watch.start();
    platform.events().add(control.new Waker());
    return control;
  }

  /// Looks now and then whether there is another policy: then everybody is looked at.
  private void watch() {
    try {
      while (!closed) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        if (policy.look()) {
          partitions.values().forEach(PartitionAccess::wake);
        }
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private Optional<HelpHost> help(AccessDescription description) throws VmmException {
    HostPorts ports =
        platform.partitions().stream()
            .flatMap(one -> one.hosts().stream())
            .findFirst()
            .orElseThrow(() ->
                new VmmException(
                    Reason.UNKNOWN,
                    "access is enforced at the ports of an embedded bridge, and the bridge"
                        + " is in QEMU: make its engine embedded"));
    return description.help().isPresent()
        ? Optional.of(HelpHost.start(description.help().get(), ports, this::page))
        : Optional.empty();
  }

  private static Map<String, Object> bootFacts(Optional<BootRecord> record) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("measured", record.isPresent());
    record.ifPresent(one -> {
      facts.put("verdict", one.verdict().name().toLowerCase(Locale.ROOT));
      facts.put("findings", one.findings());
      one.manifestVersion().ifPresent(version -> facts.put("manifest_version", version));
      Map<String, Object> measurements = new LinkedHashMap<>();
      one.measurements()
          .forEach(measurement -> measurements.put(measurement.what(), measurement.value()));
      facts.put("measurements", measurements);
    });
    return facts;
  }

  private CaptivePage page(Ipv4Address client) {
    return platform.partitions().stream()
        .filter(one ->
            one.description().address().filter(own -> own.address().equals(client)).isPresent())
        .findFirst()
        .map(one -> page(one.name()))
        .orElse(CaptivePage.UNKNOWN);
  }

  private CaptivePage page(String partition) {
    NetworkAccess access = enforcement.inForce(partition);
    List<RemediationStep> steps =
        Optional.ofNullable(partitions.get(partition))
            .map(PartitionAccess::stepsNow)
            .orElseGet(List::of);
    return new CaptivePage(
        "Partition %s: network access is %s"
            .formatted(partition, access.level().name().toLowerCase(Locale.ROOT)),
        access.reason(),
        steps.stream().map(RemediationStep::name).toList());
  }

  /// Has `listener` told each decision about a partition from now on, when it is in force. It must
  /// not wait.
  public void onDecision(BiConsumer<String, AccessDecision> listener) {
    listeners.add(listener);
  }

  /// Whether it decides about a partition: about clients, not about who has the bridge.
  public boolean isControlled(String partition) {
    return partitions.containsKey(partition);
  }

  /// What was decided last about a partition; none if it does not run, or nothing was decided yet.
  /// What is in force is the strictest of all demands: see [Enforcement#inForce].
  ///
  /// @throws IllegalArgumentException if there is no such client partition
  public Optional<AccessDecision> decision(String partition) {
    return find(partition).decision();
  }

  /// Where each client partition stands.
  public List<AccessStatus> status() {
    return partitions.values().stream().map(PartitionAccess::status).toList();
  }

  /// Where one stands.
  ///
  /// @throws IllegalArgumentException if there is no such client partition
  public AccessStatus status(String partition) {
    return find(partition).status();
  }

  /// Has a partition looked at now, all stages, remediation included, and waits for that.
  ///
  /// @return the decision; none if it does not run, or nothing is decided within `limit`
  /// @throws IllegalArgumentException if there is no such client partition
  public Optional<AccessDecision> reevaluate(String partition, Duration limit)
      throws InterruptedException {
    return find(partition).reevaluate(limit);
  }

  /// The same without waiting.
  ///
  /// @throws IllegalArgumentException if there is no such client partition
  public void reevaluate(String partition) {
    find(partition).wake();
  }

  private PartitionAccess find(String partition) {
    PartitionAccess one = partitions.get(partition);
    if (one == null) {
      throw new IllegalArgumentException("there is no client partition " + partition);
    }
    return one;
  }

  /// Hears what happens to partitions.
  private final class Waker implements EventSink {
    private final Set<PartitionAccess> paused = new HashSet<>();

    @Override
    public String name() {
      return "access control";
    }

    @Override
    public void accept(Event event) {
      Optional<PartitionAccess> one = event.subject().partition().map(partitions::get);
      if (closed || one.isEmpty()) {
        return;
      }
      switch (event.type()) {
        case PARTITION_STATE -> stateOf(one.get(), String.valueOf(event.data().get("state")));
        case FUNCTION_STATE, INTEGRITY_VIOLATION -> one.get().wake();
        default -> {
          // Says nothing about what a partition is or has.
        }
      }
    }

    /// One that is told to run, and was not paused, has begun anew.
    private void stateOf(PartitionAccess one, String state) {
      boolean wasPaused = paused.remove(one);
      if (state.equals("paused")) {
        paused.add(one);
      }
      if (paused.contains(one) || wasPaused && state.equals("running")) {
        one.wake();
      } else {
        one.hasEnded();
      }
    }

    @Override
    public void close() {
      // Nothing is kept.
    }
  }

  /// Ends. What is in force stays so.
  @Override
  public synchronized void close() {
    closed = true;
    watch.interrupt();
    partitions.values().forEach(PartitionAccess::close);
    help.ifPresent(HelpHost::close);
  }
}
