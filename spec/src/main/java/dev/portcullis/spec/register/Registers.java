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

  /// Every register at a fixed place.
  public static final List<Register> FIXED =
      Stream.of(
              GlobalRegisters.ALL,
              List.of(InvalidationRegisters.CCMD, FaultRegisters.FSTS),
              EventRegisters.ALL,
              ProtectedMemoryRegisters.ALL,
              QueueRegisters.ALL,
              InterruptRegisters.ALL,
              PageRequestRegisters.ALL,
              MemoryTypeRegisters.ALL,
              PerformanceRegisters.ALL,
              CommandRegisters.ALL)
          .flatMap(List::stream)
          .toList();

  private Registers() {}

  /// The registers of a unit with `capabilities`, each at its place.
  ///
  /// @throws IllegalArgumentException if two of them lie on top of each other
  public static List<Register> of(Capabilities capabilities) {
    List<Register> all = new ArrayList<>(FIXED);
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

  private static void checkDisjoint(List<Register> all) {
    Register[] taken = new Register[16 * PAGE_BYTES / 4];
    for (Register register : all) {
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
