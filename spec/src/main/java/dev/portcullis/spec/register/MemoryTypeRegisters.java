package dev.portcullis.spec.register;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;
import static dev.portcullis.spec.register.Register.register;
import static dev.portcullis.spec.register.RegisterField.field;

import dev.portcullis.spec.BitField;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Memory type range registers: the processor's own layout.
///
/// ```
///   MTRRDEF   63          12 11 10 9   8 7         0
///            +--------------+--+--+-----+-----------+
///            |      0       |E |FE|  0  |   TYPE    |
///            +--------------+--+--+-----+-----------+
///   PHYSBASE  63           12 11      8 7         0      PHYSMASK  63       12 11 10    0
///            +---------------+---------+-----------+              +-----------+--+-------+
///            |     BASE      |    0    |   TYPE    |              |   MASK    |V |   0   |
///            +---------------+---------+-----------+              +-----------+--+-------+
/// ```
///
/// @vtd 11.4.12 Memory Type Range Registers
public final class MemoryTypeRegisters {
  /// Number of variable ranges that there are registers for.
  public static final int VARIABLE_RANGES = 10;

  public static final BitField VCNT = bits("VCNT", 7, 0);
  public static final BitField FIX = bit("FIX", 8);
  public static final BitField WC = bit("WC", 10);

  /// Type of memory in no range.
  public static final BitField DEFAULT_TYPE = bits("TYPE", 7, 0);

  /// Fixed ranges count.
  public static final BitField FE = bit("FE", 10);

  /// Ranges count.
  public static final BitField E = bit("E", 11);

  public static final BitField TYPE = bits("TYPE", 7, 0);

  /// Base of a range, in place.
  public static final BitField BASE = bits("BASE", 51, 12);

  /// Address bits that decide, in place.
  public static final BitField MASK = bits("MASK", 51, 12);

  /// The range counts.
  public static final BitField V = bit("V", 11);

  private static final Feature NEEDED = Feature.MEMORY_TYPES;

  public static final Register MTRRCAP =
      register(
              "MTRRCAP",
              0x100,
              64,
              0,
              field(VCNT, Access.RO),
              field(FIX, Access.RO),
              field(WC, Access.RO))
          .needs(NEEDED);

  public static final Register MTRRDEF =
      register(
              "MTRRDEF",
              0x108,
              64,
              0,
              field(DEFAULT_TYPE, Access.RW),
              field(FE, Access.RW),
              field(E, Access.RW))
          .needs(NEEDED);

  /// The fixed ranges of the first MiB, in order: one of 64-KiB pieces, two of 16-KiB pieces, eight
  /// of 4-KiB pieces, eight pieces each.
  public static final List<Register> FIXED =
      List.of(
          fixed("MTRR_FIX64K_00000", 0x120),
          fixed("MTRR_FIX16K_80000", 0x128),
          fixed("MTRR_FIX16K_A0000", 0x130),
          fixed("MTRR_FIX4K_C0000", 0x138),
          fixed("MTRR_FIX4K_C8000", 0x140),
          fixed("MTRR_FIX4K_D0000", 0x148),
          fixed("MTRR_FIX4K_D8000", 0x150),
          fixed("MTRR_FIX4K_E0000", 0x158),
          fixed("MTRR_FIX4K_E8000", 0x160),
          fixed("MTRR_FIX4K_F0000", 0x168),
          fixed("MTRR_FIX4K_F8000", 0x170));

  /// Bases of the variable ranges.
  public static final List<Register> BASES =
      IntStream.range(0, VARIABLE_RANGES)
          .mapToObj(n ->
              register(
                      "MTRR_PHYSBASE" + n,
                      0x180 + 0x10 * n,
                      64,
                      0,
                      field(BASE, Access.RW),
                      field(TYPE, Access.RW))
                  .needs(NEEDED))
          .toList();

  /// Masks of the variable ranges.
  public static final List<Register> MASKS =
      IntStream.range(0, VARIABLE_RANGES)
          .mapToObj(n ->
              register(
                      "MTRR_PHYSMASK" + n,
                      0x188 + 0x10 * n,
                      64,
                      0,
                      field(MASK, Access.RW),
                      field(V, Access.RW))
                  .needs(NEEDED))
          .toList();

  private MemoryTypeRegisters() {}

  /// The registers of a unit whose MTRRCAP is `announced`.
  public static List<Register> of(long announced) {
    List<Register> all = new ArrayList<>();
    all.add(MTRRCAP.holding(announced));
    all.add(MTRRDEF);
    if (FIX.isSet(announced)) {
      all.addAll(FIXED);
    }
    int ranges = VCNT.intOf(announced);
    all.addAll(BASES.subList(0, ranges));
    all.addAll(MASKS.subList(0, ranges));
    return all;
  }

  private static Register fixed(String name, int offset) {
    return register(name, offset, 64, 0, field(bits("types", 63, 0), Access.RW)).needs(NEEDED);
  }
}
