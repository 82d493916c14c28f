package dev.portcullis.vmm.platform;

import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.machine.chassis.Chassis;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.pci.Sriov;
import dev.portcullis.vmm.assign.AssignedFunction;
import dev.portcullis.vmm.assign.HostFunction;

/// A function of the machine, as one that can be assigned.
///
/// @param name what people call it
record MachineFunction(String name, Chassis.Slot slot) implements HostFunction {

  PciFunction function() {
    return slot.function();
  }

  /// Whether others come and go with it.
  boolean hasVirtualFunctions() {
    return function().capabilities().stream().anyMatch(Sriov.class::isInstance);
  }

  @Override
  public RequesterId at() {
    return slot.at();
  }

  /// Its partition's software may turn address translation services on; the unit is not asked to
  /// serve them.
  @Override
  public DeviceFeatures features() {
    return DeviceFeatures.NONE;
  }

  @Override
  public int messages() {
    return AssignedFunction.messages(slot.function());
  }

  @Override
  public void reset() {
    slot.function().reset();
  }
}
