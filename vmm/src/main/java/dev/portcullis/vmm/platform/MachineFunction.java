package dev.portcullis.vmm.platform;

import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.machine.chassis.Chassis;
import dev.portcullis.machine.description.IsolationGroups;
import dev.portcullis.machine.description.IsolationGroups.Companion;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.assign.AssignedFunction;
import dev.portcullis.vmm.assign.HostFunction;
import dev.portcullis.vmm.platform.description.Assignable;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/// A function of the machine, as one that can be assigned.
///
/// @param name what people call it
/// @param shown how its partition sees it, once it has one
/// @param staysWith why it is the monitor's or the firmware's and no partition's, if it is
record MachineFunction(
    String name,
    Chassis.Slot slot,
    RequesterId requester,
    List<RequesterId> companions,
    AtomicReference<AssignedFunction> shown,
    Optional<String> staysWith)
    implements HostFunction {

  static MachineFunction of(PlatformDescription platform, Chassis.Slot slot) {
    return new MachineFunction(
        platform.nameOf(slot.at()),
        slot,
        platform.machine().topology().requesterOf(slot.at()),
        new IsolationGroups(platform.machine())
            .companionsOf(slot.at()).stream().map(Companion::at).toList(),
        new AtomicReference<>(),
        new Assignable(platform.machine()).obstacle(slot.at()));
  }

  PciFunction function() {
    return slot.function();
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

  /// From now on it is this that its partition sees.
  void show(AssignedFunction function) {
    shown.set(function);
  }

  /// What its partition has written into it is forgotten, too.
  @Override
  public void reset() {
    AssignedFunction seen = shown.get();
    if (seen == null) {
      slot.function().reset();
    } else {
      seen.reset();
    }
  }
}
