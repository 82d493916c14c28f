package dev.portcullis.vmm.engine.qemu;

import dev.portcullis.linux.LinuxException;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.ConfigRegisters;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vfiouser.server.Endpoint;
import dev.portcullis.vfiouser.server.VfioUserServer;
import java.nio.file.Path;

/// A function in its place in a partition, served where QEMU connects.
///
/// What QEMU shows of the guest's memory is taken and not used: functions reach memory by host
/// physical address, through the unit.
///
/// @param at where the guest sees it
record Plugged(RequesterId at, PciFunction function, VfioUserServer server)
    implements AutoCloseable {

  /// @param windowBytes where the partition's memory is in the file that QEMU maps
  static Plugged serve(RequesterId at, PciFunction function, Path socket, long windowBytes)
      throws LinuxException {
    Endpoint endpoint = Endpoint.of(at, function, new MemoryMap()).withWindowOffset(windowBytes);
    return new Plugged(at, function, VfioUserServer.listen(socket, endpoint));
  }

  /// Has the guest's interrupt controller get a message by way of this function.
  ///
  /// @return whether QEMU took it: it drops what comes from a function that is no bus master
  boolean post(long address, int data) {
    long command = function.config().read(ConfigRegisters.COMMAND, 2);
    return (command & ConfigRegisters.BUS_MASTER_ENABLE) != 0 && server.postMessage(address, data);
  }

  @Override
  public void close() {
    server.close();
  }
}
