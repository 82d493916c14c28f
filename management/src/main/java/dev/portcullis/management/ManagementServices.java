package dev.portcullis.management;

import dev.portcullis.management.access.AccessDecision;
import dev.portcullis.management.access.AccessDecision.Verdict;
import dev.portcullis.management.account.AccountException;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.containment.ContainmentService;
import dev.portcullis.management.containment.ContainmentState;
import dev.portcullis.management.containment.ContainmentVerb;
import dev.portcullis.management.containment.PoweredOff;
import dev.portcullis.management.endpoint.AccessControl;
import dev.portcullis.management.endpoint.AccessVerb;
import dev.portcullis.management.enforcement.BridgeEnforcement;
import dev.portcullis.management.enforcement.Enforcement;
import dev.portcullis.management.health.DiagnoseVerb;
import dev.portcullis.management.health.Diagnosis;
import dev.portcullis.management.health.OptimiseVerb;
import dev.portcullis.management.health.Optimiser;
import dev.portcullis.management.health.SelfRepair;
import dev.portcullis.management.integrity.Finding;
import dev.portcullis.management.integrity.IntegrityAgents;
import dev.portcullis.management.inventory.InventoryVerb;
import dev.portcullis.management.provision.ProvisionVerb;
import dev.portcullis.management.provision.Provisioning;
import dev.portcullis.management.recovery.BootOverride;
import dev.portcullis.management.recovery.RebuildVerb;
import dev.portcullis.management.recovery.Recovery;
import dev.portcullis.management.redfish.Care;
import dev.portcullis.management.redfish.Protection;
import dev.portcullis.management.redfish.RedfishService;
import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.control.ControlVerb;
import dev.portcullis.vmm.platform.description.PartitionDescription.Role;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The services at work on a platform.
public final class ManagementServices implements AutoCloseable {
  private static final String LOGS = "eventlogs";
  private static final String CERTIFICATE = "certificate";

  private final StateStore state;
  private final BridgeEnforcement enforcement;
  private final VerifiedBoot boot;

  /// What was started, the last first.
  private final Deque<Service> services = new ArrayDeque<>();

  private RunningPlatform platform;
  private Recovery recovery;
  private Diagnosis diagnosis;
  private Optimiser optimiser;
  private Provisioning provisioning;
  private Optional<ContainmentService> containment = Optional.empty();
  private Optional<IntegrityAgents> integrity = Optional.empty();
  private Optional<AccessControl> access = Optional.empty();
  private Optional<RedfishService> redfish = Optional.empty();

  /// Something that was started.
  private interface Service {
    void close();
  }

  private ManagementServices(StateStore state, BridgeEnforcement enforcement, VerifiedBoot boot) {
    this.state = state;
    this.enforcement = enforcement;
    this.boot = boot;
  }

  /// What is asked before partitions begin: it is there before the platform starts, whose gate it
  /// is.
  ///
  /// @throws StateException if there can be no folder for its state
  public static VerifiedBoot gate(ManagementDescription description) throws StateException {
    StateStore state = StateStore.open(description.state());
    VerifiedBoot gate =
        new VerifiedBoot(
            description.boot(), state, description.state().resolve(LOGS), InstantSource.system());
    gate.ask(new PoweredOff(state));
    gate.prepareBy(new BootOverride(state, gate));
    description.provisioned().verified().forEach(gate::add);
    return gate;
  }

  /// Starts them, in the state in which they ended.
  ///
  /// @param gate the platform's, see [#gate]
  /// @throws StateException if there can be no folder for their state
  /// @throws VmmException if the monitor cannot do what they need
  /// @throws AccountException if one of them cannot be offered to others
  public static ManagementServices start(
      ManagementDescription description, VerifiedBoot gate, RunningPlatform platform)
      throws StateException, VmmException, AccountException, InterruptedException {
    StateStore state = StateStore.open(description.state());
    BridgeEnforcement enforcement =
        BridgeEnforcement.open(
            platform.partitions().stream().flatMap(one -> one.restrictions().stream()).toList(),
            description.remediation(),
            state,
            platform.events(),
            clients(platform),
            description.deciders());
    ManagementServices all = new ManagementServices(state, enforcement, gate);
    try {
      all.begin(description, platform);
      return all;
    } catch (StateException | VmmException | AccountException | InterruptedException e) {
      all.close();
      throw e;
    }
  }

  private void begin(ManagementDescription description, RunningPlatform platform)
      throws StateException, VmmException, AccountException, InterruptedException {
    this.platform = platform;
    recovery = Recovery.start(platform, boot, state);
    services.push(recovery::close);
    optimiser = new Optimiser(platform);
    diagnosis = new Diagnosis(platform, Optional.of(boot));
    provisioning = new Provisioning(platform, boot, recovery, enforcement, state);
    provisioning.tell(description.provisioned().troubles());
    List<Consumer<Finding>> findings = new ArrayList<>();
    if (description.containment().isPresent()) {
      ContainmentService service =
          ContainmentService.start(description.containment().get(), platform, state, enforcement);
      services.push(service::close);
      containment = Optional.of(service);
      provisioning.tell(service);
      findings.add(service::found);
    }
    if (description.integrity().isPresent()) {
      IntegrityAgents agents =
          IntegrityAgents.start(description.integrity().get(), platform, findings);
      services.push(agents::close);
      integrity = Optional.of(agents);
    }
    if (description.access().isPresent()) {
      AccessControl control =
          AccessControl.start(
              description.access().get(), platform, state, enforcement, boot, recovery);
      control.onDecision(this::decided);
      services.push(control::close);
      access = Optional.of(control);
      provisioning.tell(control);
    }
    if (description.health().isPresent()) {
      services.push(
          SelfRepair.start(description.health().get(), platform, recovery, this::isInHand)::close);
    }
    if (description.redfish().isPresent()) {
      RedfishService service =
          RedfishService.start(
              description.redfish().get(),
              platform,
              new Care(recovery, diagnosis, optimiser, provisioning),
              new Protection(boot, enforcement, access, containment, integrity),
              state,
              description.state().resolve(CERTIFICATE));
      services.push(service::close);
      redfish = Optional.of(service);
    }
  }

  /// Who is denied access may have caught something.
  private void decided(String partition, AccessDecision decision) {
    if (decision.verdict() == Verdict.DENIED) {
      containment.ifPresent(service -> service.denied(partition));
    }
  }

  /// Whether containment decides about a partition for the time being.
  private boolean isInHand(String partition) {
    return containment.stream()
        .flatMap(service -> service.status().stream())
        .filter(one -> one.partition().equals(partition))
        .anyMatch(one -> one.standing().state() != ContainmentState.NORMAL);
  }

  private static List<String> clients(RunningPlatform platform) {
    return platform.partitions().stream()
        .filter(one -> one.description().role() == Role.CLIENT)
        .map(RunningPartition::name)
        .toList();
  }

  /// How much of the network each partition has.
  public Enforcement enforcement() {
    return enforcement;
  }

  /// What is in force although nobody decides about it any more, a line each, with what to do.
  public List<String> leftovers() {
    return enforcement.leftovers();
  }

  /// What contains partitions, if anything does.
  public Optional<ContainmentService> containment() {
    return containment;
  }

  /// Those that look at memory, if there are any.
  public Optional<IntegrityAgents> integrity() {
    return integrity;
  }

  /// What decides about access to the network, if anything does.
  public Optional<AccessControl> access() {
    return access;
  }

  /// Where others manage the platform from, if that is offered.
  public Optional<RedfishService> redfish() {
    return redfish;
  }

  /// What outlives them.
  public StateStore state() {
    return state;
  }

  /// What partitions boot from, and whether that is what it should be.
  public VerifiedBoot boot() {
    return boot;
  }

  /// Rebuilds partitions.
  public Recovery recovery() {
    return recovery;
  }

  /// Brings partitions to the platform.
  public Provisioning provisioning() {
    return provisioning;
  }

  /// Looks whether the platform is well.
  public Diagnosis diagnosis() {
    return diagnosis;
  }

  /// Changes what costs more than it must.
  public Optimiser optimiser() {
    return optimiser;
  }

  /// What can be asked of them through the platform's control socket.
  public Map<String, ControlVerb> verbs() {
    Map<String, ControlVerb> verbs = new HashMap<>();
    verbs.put("inventory", new InventoryVerb(platform, Optional.of(boot)));
    verbs.put("rebuild", new RebuildVerb(recovery));
    verbs.put("diagnose", new DiagnoseVerb(diagnosis));
    verbs.put("optimise", new OptimiseVerb(optimiser));
    verbs.put("provision", new ProvisionVerb(provisioning));
    containment.ifPresent(service -> verbs.put("contain", new ContainmentVerb(service)));
    access.ifPresent(control -> verbs.put("access", new AccessVerb(control)));
    return verbs;
  }

  /// Ends them. The platform goes on.
  @Override
  public void close() {
    while (!services.isEmpty()) {
      services.pop().close();
    }
  }
}
