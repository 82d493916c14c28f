package dev.portcullis.machine.firmware;

import dev.portcullis.machine.description.DeviceDescription;
import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.UnitDescription;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.dmar.AcpiOrigin;
import dev.portcullis.spec.dmar.DeviceScope;
import dev.portcullis.spec.dmar.DmarTable;
import dev.portcullis.spec.dmar.Drhd;
import dev.portcullis.spec.dmar.RemappingStructure;
import dev.portcullis.spec.dmar.Rmrr;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Builds the DMAR table of a machine.
///
/// Each unit's scope names exactly the functions it serves and never "all the rest": what else sits
/// on the bus belongs to QEMU and does not pass a unit of ours.
///
/// @vtd 8.1 DMA Remapping Reporting Structure
public final class DmarBuilder {
  private static final AcpiOrigin ORIGIN = new AcpiOrigin(1, "PORTCL", "PORTCULL", 1, "PTCL", 1);

  private static final int PAGE_LOG2 = 12;

  private DmarBuilder() {}

  /// The table of `machine`.
  ///
  /// @param registers where each unit's registers are, by the unit's id, and their size
  public static DmarTable build(MachineDescription machine, Map<String, RegisterWindow> registers) {
    List<RemappingStructure> structures = new ArrayList<>();
    for (UnitDescription unit : machine.units()) {
      structures.add(unit(registers.get(unit.id()), scopes(machine, unit)));
    }
    for (DeviceDescription device : machine.devices()) {
      machine
          .topology()
          .reservedFor(device.at())
          .ifPresent(memory ->
              structures.add(
                  new Rmrr(0, memory.first(), memory.end() - 1, List.of(endpoint(device.at())))));
    }
    return new DmarTable(
        ORIGIN, hostAddressBits(machine), flags(machine), DmarTable.inOrder(structures));
  }

  private static Drhd unit(RegisterWindow window, List<DeviceScope> scopes) {
    int pagesLog2 = Long.numberOfTrailingZeros(window.sizeBytes()) - PAGE_LOG2;
    return new Drhd(0, pagesLog2, 0, window.base(), scopes);
  }

  private static List<DeviceScope> scopes(MachineDescription machine, UnitDescription unit) {
    return machine.devices().stream()
        .filter(device -> device.unit().equals(unit.id()))
        .map(DeviceDescription::at)
        .flatMap(at -> Stream.of(at, machine.topology().requesterOf(at)))
        .distinct()
        .map(DmarBuilder::endpoint)
        .toList();
  }

  private static DeviceScope endpoint(RequesterId at) {
    return DeviceScope.endpoint(at.bus(), at.device(), at.function());
  }

  /// What every unit reaches.
  private static int hostAddressBits(MachineDescription machine) {
    return machine.units().stream()
        .mapToInt(unit -> unit.configuration().capabilities().hostAddressBits())
        .min()
        .orElseThrow();
  }

  private static int flags(MachineDescription machine) {
    if (!machine.remapsInterrupts()) {
      return 0;
    }
    boolean optOut = machine.x2apic() == MachineDescription.X2apic.OPT_OUT;
    return (int) (DmarTable.INTR_REMAP.mask() | (optOut ? DmarTable.X2APIC_OPT_OUT.mask() : 0));
  }
}
