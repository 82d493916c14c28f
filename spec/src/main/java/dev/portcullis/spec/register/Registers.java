package dev.portcullis.spec.register;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The register map.
///
/// @vtd 11.4 Register Descriptions
public final class Registers {
  /// Size of the smallest register window.
  public static final int PAGE_BYTES = 4096;

  /// Size of the largest window that this unit has registers in.
  public static final int LARGEST_WINDOW_BYTES = 16 * PAGE_BYTES;

  /// Every register at a fixed place, but for those of [FeatureCapabilities].
  public static final List<Register> FIXED =
      Stream.of(
              GlobalRegisters.ALL,
              List.of(InvalidationRegisters.CCMD, FaultRegisters.FSTS),
              EventRegisters.ALL,
              ProtectedMemoryRegisters.ALL,
              QueueRegisters.ALL,
              InterruptRegisters.ALL,
              PageRequestRegisters.ALL,
              CommandRegisters.COMMANDS)
          .flatMap(List::stream)
          .toList();

  private Registers() {}

  /// The registers of a unit with `capabilities` and what is usual besides, each at its place.
  ///
  /// @throws IllegalArgumentException if two of them lie on top of each other
  public static List<Register> of(Capabilities capabilities) {
    return of(capabilities, FeatureCapabilities.STANDARD);
  }

  /// The registers of a unit with `capabilities`, each at its place.
  ///
  /// @param features what the capability registers of its features say
  /// @throws IllegalArgumentException if two of them lie on top of each other, or one beyond the
  ///   largest window
  public static List<Register> of(Capabilities capabilities, FeatureCapabilities features) {
    List<Register> all = new ArrayList<>(FIXED);
    all.addAll(ofFeatures(features.on(capabilities)));
    if (!capabilities.has(Feature.PROTECTED_LOW_MEMORY)
        && !capabilities.has(Feature.PROTECTED_HIGH_MEMORY)) {
      all.remove(ProtectedMemoryRegisters.PMEN);
    }
    int iva = capabilities.extended().invalidateAddressOffset();
    all.add(InvalidationRegisters.IVA.at(iva));
    all.add(InvalidationRegisters.IOTLB.at(iva + 8));
    for (int i = 0; i < capabilities.capability().faultRecords(); i++) {
      int record = capabilities.capability().faultRecordOffset() + 16 * i;
      all.add(FaultRegisters.FRCD_LOW.at(record, "[" + i + "]"));
      all.add(FaultRegisters.FRCD_HIGH.at(record + 8, "[" + i + "]"));
    }
    List<Register> present =
        all.stream().flatMap(register -> register.on(capabilities).stream()).toList();
    checkDisjoint(present);
    return present;
  }

  /// The registers that `features` are about, each at its place.
  public static List<Register> ofFeatures(FeatureCapabilities features) {
    PerformanceCapability performance = features.performance();
    List<Register> all = new ArrayList<>(MemoryTypeRegisters.of(features.memoryTypes()));
    all.addAll(PerformanceRegisters.of(performance));
    for (int n = 0; n < FeatureCapabilities.COMMAND_WORDS; n++) {
      all.add(CommandRegisters.ECCAP.get(n).holding(features.enhancedCommands().get(n)));
    }
    all.add(CommandRegisters.VCCAP.holding(features.virtualCommands()));
    return all;
  }

  private static void checkDisjoint(List<Register> all) {
    Register[] taken = new Register[LARGEST_WINDOW_BYTES / 4];
    for (Register register : all) {
      if (register.offset() + register.widthBytes() > LARGEST_WINDOW_BYTES) {
        throw new IllegalArgumentException(
            "%s at %#x lies beyond the largest window, which has %#x bytes"
                .formatted(register.name(), register.offset(), LARGEST_WINDOW_BYTES));
      }
      for (int at = register.offset(); at < register.offset() + register.widthBytes(); at += 4) {
        Register other = taken[at / 4];
        if (other != null) {
          throw new IllegalArgumentException(
              "%s at %#x lies on %s".formatted(register.name(), at, other.name()));
        }
        taken[at / 4] = register;
      }
    }
  }
}
