package dev.portcullis.vmm.nativeos.description;

import dev.portcullis.machine.description.DeviceDescription;
import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.pci.RequesterId;
import java.util.List;

/// A machine that one operating system has for itself, its drivers, and what is expected of them.
/// Start with [NativeFile].
///
/// @param machine memory below 4 GiB, one unit, devices
/// @param highBytes memory above 4 GiB
/// @param drivers each with a device of its own
/// @param steps what is expected, in the order in which it is looked at
public record NativeDescription(
    MachineDescription machine, long highBytes, List<DriverDescription> drivers, List<Step> steps) {

  public NativeDescription {
    drivers = List.copyOf(drivers);
    steps = List.copyOf(steps);
  }

  /// A driver.
  ///
  /// @param name what people call it
  /// @param deviceName what people call its device
  /// @param device what its device was made from: of type edu or nvme
  public record DriverDescription(String name, String deviceName, DeviceDescription device) {
    public RequesterId at() {
      return device.at();
    }

    /// Width of the addresses that its device can make.
    public int addressBits() {
      return device instanceof DeviceDescription.Edu edu ? edu.dmaBits() : Long.SIZE;
    }
  }

  /// Expectations that are looked at all at once.
  public record Step(List<NativeExpectation> atOnce) {
    public Step {
      atOnce = List.copyOf(atOnce);
    }
  }
}
