package dev.portcullis.management;

import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.vmm.platform.RunningPlatform;

/// The services at work on a platform.
public final class ManagementServices implements AutoCloseable {
  private final StateStore state;

  private ManagementServices(StateStore state) {
    this.state = state;
  }

  /// Starts them, in the state in which they ended.
  ///
  /// @throws StateException if there can be no folder for their state
  public static ManagementServices start(
      ManagementDescription description, RunningPlatform platform) throws StateException {
    return new ManagementServices(StateStore.open(description.state()));
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
