package dev.portcullis.management.boot;

import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import java.util.Optional;

/// Says that the disks of a partition may be half written: from before the first block is written
/// until the disk has the last one, whatever ends the program meanwhile.
public final class RebuildMarker {
  private static final String PREFIX = "recovery.rebuild.";

  private final StateStore state;

  public RebuildMarker(StateStore state) {
    this.state = state;
  }

  /// What was said when it was set, if it is.
  ///
  /// @throws StateException if nobody knows: it must be taken for set
  public Optional<String> read(String partition) throws StateException {
    return state.read(PREFIX + partition);
  }

  /// Sets it: when this returns, the disk has it.
  ///
  /// @param how to be known when it is done again
  public void set(String partition, String how) throws StateException {
    state.write(PREFIX + partition, how);
  }

  /// Takes it away.
  public void clear(String partition) throws StateException {
    state.forget(PREFIX + partition);
  }
}
