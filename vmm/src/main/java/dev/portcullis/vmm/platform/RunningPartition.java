package dev.portcullis.vmm.platform;

import dev.portcullis.vmm.bridge.HostPorts;
import dev.portcullis.vmm.engine.Engine;
import dev.portcullis.vmm.engine.FunctionSlots;
import dev.portcullis.vmm.filter.run.Firewall;
import dev.portcullis.vmm.filter.run.Restrictions;
import dev.portcullis.vmm.interrupt.Delivery;
import dev.portcullis.vmm.partition.Partition;
import dev.portcullis.vmm.platform.description.PartitionDescription;
import dev.portcullis.vmm.software.BridgeSoftware;
import dev.portcullis.vmm.software.Client;
import java.util.Optional;

/// A partition with what makes it run.
///
/// @param partition its memory and its domain
/// @param engine what makes it run
/// @param slots where its functions are plugged in
/// @param interrupts how interrupts reach it
/// @param client what can be asked of its software, if that is a client's
/// @param bridge its software, if that is a bridge of ours
public record RunningPartition(
    PartitionDescription description,
    Partition partition,
    Engine engine,
    FunctionSlots slots,
    Delivery interrupts,
    Optional<Client> client,
    Optional<BridgeSoftware> bridge) {

  public String name() {
    return description.name();
  }

  /// What judges its frames, if it is a bridge of ours.
  public Optional<Firewall> firewall() {
    return bridge.map(BridgeSoftware::firewall);
  }

  /// What single ports' frames have to pass besides, if it is a bridge of ours.
  public Optional<Restrictions> restrictions() {
    return bridge.map(BridgeSoftware::restrictions);
  }

  /// Where management's own hosts are plugged in, if it is a bridge of ours.
  public Optional<HostPorts> hosts() {
    return bridge.map(BridgeSoftware::hosts);
  }
}
