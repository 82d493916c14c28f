package dev.portcullis.management;

import dev.portcullis.management.enforcement.BridgeEnforcement;
import dev.portcullis.management.enforcement.Enforcement;
import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PartitionDescription.Role;
import java.util.List;

/// The services at work on a platform.
public final class ManagementServices implements AutoCloseable {
  private final StateStore state;
  private final Enforcement enforcement;

  private ManagementServices(StateStore state, Enforcement enforcement) {
    this.state = state;
    this.enforcement = enforcement;
  }

  /// Starts them, in the state in which they ended.
  ///
  /// @throws StateException if there can be no folder for their state
  public static ManagementServices start(
      ManagementDescription description, RunningPlatform platform) throws StateException {
    StateStore state = StateStore.open(description.state());
    Enforcement enforcement =
        BridgeEnforcement.open(
            platform.partitions().stream().flatMap(one -> one.restrictions().stream()).toList(),
            description.remediation(),
            state,
            platform.events(),
            clients(platform),
            description.deciders());
    return new ManagementServices(state, enforcement);
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

  /// What outlives them.
  public StateStore state() {
    return state;
  }

  /// Ends them. The platform goes on.
  @Override
  public void close() {
    // No service yet holds anything open.
  }
}
