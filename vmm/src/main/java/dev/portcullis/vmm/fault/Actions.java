package dev.portcullis.vmm.fault;

import dev.portcullis.pci.RequesterId;
import java.util.Optional;

/// What rules can have done on a platform. One thread calls; whatever is done takes bounded time.
public interface Actions {

  /// Why a partition is halted that [#haltPartition] has stopped.
  String HALTED_BY_RULE = "by a rule about its faults";

  /// Tells people.
  void message(String text) throws ActionFailedException;

  /// Has the function at `at` reach nothing any more; it stays its partition's. Stopping it twice
  /// is stopping it once.
  ///
  /// @param partition whose it was when it was refused: if it is another's by now, nothing is done
  /// @throws ActionFailedException if it belongs to nobody or another, or may still reach something
  void stopDevice(RequesterId at, Optional<String> partition) throws ActionFailedException;

  /// Stops all of a partition's processors.
  void haltPartition(String partition) throws ActionFailedException;

  /// Has everything begin anew.
  void rebootPlatform() throws ActionFailedException;
}
