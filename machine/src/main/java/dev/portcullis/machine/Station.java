package dev.portcullis.machine;

import dev.portcullis.machine.wiring.InterruptSink;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.ConfigRegisters;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vfiouser.server.VfioUserServer;
import java.nio.file.Path;

/// A function in its place, with the socket it is served at.
///
/// @param at its place
/// @param name what a person calls it: `nvme`, `unit dmar0`
/// @param function the function
/// @param memory what its connection shows of physical memory
/// @param server serves it
public record Station(
    RequesterId at, String name, PciFunction function, MemoryMap memory, VfioUserServer server) {

  /// Where a virtual machine connects.
  public Path socket() {
    return server.socket();
  }

  /// A way out for messages of others: open while software lets the function be a bus master.
  InterruptSink.Gate gate() {
    return (address, data) -> isBusMaster() && server.postMessage(address, data);
  }

  private boolean isBusMaster() {
    long command = function.config().read(ConfigRegisters.COMMAND, 2);
    return (command & ConfigRegisters.BUS_MASTER_ENABLE) != 0;
  }
}
