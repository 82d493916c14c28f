package dev.portcullis.machine.description;

import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.register.Feature;
import java.util.List;
import java.util.function.UnaryOperator;

/// A machine: its memory, its remapping units, its devices. Start with [MachineFile] to read one.
///
/// @param memoryBytes guest memory, a multiple of 1 MiB
/// @param units at least one, at most 8
/// @param devices each covered by one of the units; at most 24
/// @param x2apic whether software may use wide interrupt destinations where the units have them
/// @param topology what of the devices does not follow from their places
public record MachineDescription(
    long memoryBytes,
    List<UnitDescription> units,
    List<DeviceDescription> devices,
    X2apic x2apic,
    Topology topology) {

  /// What the machine says to software of processors' x2APIC mode.
  public enum X2apic {
    ALLOWED,
    /// Software is asked to leave it alone.
    OPT_OUT
  }

  private static final int MAX_UNITS = 8;
  private static final int MAX_DEVICES = 24;

  /// Memory of a machine that says nothing about it.
  public static final long DEFAULT_MEMORY_BYTES = 512L << 20;

  private static final long MIN_MEMORY_BYTES = 128L << 20;
  private static final long MAX_MEMORY_BYTES = 1L << 40;

  public MachineDescription {
    requireMemory(memoryBytes);
    units = List.copyOf(units);
    devices = List.copyOf(devices);
    if (units.isEmpty() || units.size() > MAX_UNITS || devices.size() > MAX_DEVICES) {
      throw new IllegalArgumentException(
          "a machine has 1 to %d units and up to %d devices".formatted(MAX_UNITS, MAX_DEVICES));
    }
    requireInterrupts(units, x2apic);
  }

  /// What one unit demands of interrupts, the machine must announce for all.
  ///
  /// @vtd 8.1 DMA Remapping Reporting Structure
  private static void requireInterrupts(List<UnitDescription> units, X2apic x2apic) {
    if (anyHas(units, Feature.INTERRUPT_REMAPPING_REQUIRED)
        && !allHave(units, Feature.INTERRUPT_REMAPPING)) {
      throw new IllegalArgumentException(
          "one unit requires interrupt remapping, and another does not have it");
    }
    if (x2apic == X2apic.OPT_OUT && anyHas(units, Feature.EXTENDED_INTERRUPT_MODE_REQUIRED)) {
      throw new IllegalArgumentException(
          "a unit requires extended interrupt mode, and x2APIC is opted out of");
    }
  }

  private static boolean anyHas(List<UnitDescription> units, Feature feature) {
    return units.stream().anyMatch(unit -> unit.configuration().capabilities().has(feature));
  }

  private static boolean allHave(List<UnitDescription> units, Feature feature) {
    return units.stream().allMatch(unit -> unit.configuration().capabilities().has(feature));
  }

  /// Whether `at` is function 0 of a device that has others, virtual functions aside.
  public boolean hasMoreFunctions(RequesterId at) {
    return at.function() == 0
        && devices.stream()
            .map(DeviceDescription::at)
            .anyMatch(other -> other.device() == at.device() && other.function() != 0);
  }

  /// Whether every interrupt can be remapped: all units do it.
  public boolean remapsInterrupts() {
    return allHave(units, Feature.INTERRUPT_REMAPPING);
  }

  private static void requireMemory(long bytes) {
    if (bytes < MIN_MEMORY_BYTES || bytes > MAX_MEMORY_BYTES || bytes % (1 << 20) != 0) {
      throw new IllegalArgumentException(
          ByteSize.toText(bytes) + " of memory: 128 MiB to 1 TiB, in steps of 1 MiB");
    }
  }

  /// Reads a size of memory.
  ///
  /// @throws IllegalArgumentException if `text` is none, or no machine can have it
  public static long memory(String text) {
    long bytes = ByteSize.parse(text);
    requireMemory(bytes);
    return bytes;
  }

  /// The same with this much memory.
  public MachineDescription withMemory(long bytes) {
    return new MachineDescription(bytes, units, devices, x2apic, topology);
  }

  /// The same with each unit changed.
  public MachineDescription withUnits(UnaryOperator<UnitDescription> change) {
    return new MachineDescription(
        memoryBytes, units.stream().map(change).toList(), devices, x2apic, topology);
  }

  /// The same with each device changed.
  public MachineDescription withDevices(UnaryOperator<DeviceDescription> change) {
    return new MachineDescription(
        memoryBytes, units, devices.stream().map(change).toList(), x2apic, topology);
  }
}
