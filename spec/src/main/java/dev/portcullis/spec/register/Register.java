package dev.portcullis.spec.register;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// A register as data: where it is, how wide, what it holds after power-on, and its fields. Bits
/// outside all fields are reserved: they read as 0 and ignore writes.
///
/// 128-bit registers are two of these.
///
/// @vtd 11.3 Register Attributes
public final class Register {
  private final String name;
  private final int offset;
  private final int widthBits;
  private final long reset;
  private final List<RegisterField> fields;
  private final Set<Feature> needs;
  private final long writable;
  private final long clearable;
  private final long unreadable;

  /// A register every unit has.
  ///
  /// @param offset from the base of the window, in bytes; 0 where the unit announces it elsewhere
  /// @param widthBits 32 or 64
  /// @param reset value after power-on
  public static Register register(
      String name, int offset, int widthBits, long reset, RegisterField... fields) {
    return new Register(name, offset, widthBits, reset, List.of(fields), Set.of());
  }

  private Register(
      String name,
      int offset,
      int widthBits,
      long reset,
      List<RegisterField> fields,
      Set<Feature> needs) {
    if (widthBits != 32 && widthBits != 64) {
      throw new IllegalArgumentException(name + ": width " + widthBits);
    }
    this.name = name;
    this.offset = offset;
    this.widthBits = widthBits;
    this.reset = reset;
    this.fields = fields;
    this.needs = needs;
    this.writable = mask(Access.RW) | mask(Access.WO);
    this.clearable = mask(Access.RW1CS);
    this.unreadable = mask(Access.WO);
  }

  private long mask(Access access) {
    return fields.stream()
        .filter(field -> field.access() == access)
        .mapToLong(field -> field.bits().mask())
        .reduce(0, (a, b) -> a | b);
  }

  /// This register, where a unit has it only with all of `features`.
  public Register needs(Feature... features) {
    return new Register(name, offset, widthBits, reset, fields, Set.of(features));
  }

  /// This register, which holds `value` after power-on.
  public Register holding(long value) {
    return new Register(name, offset, widthBits, value, fields, needs);
  }

  /// This register, at another place.
  public Register at(int newOffset) {
    return new Register(name, newOffset, widthBits, reset, fields, needs);
  }

  /// This register, one of many at another place.
  public Register at(int newOffset, String suffix) {
    return new Register(name + suffix, newOffset, widthBits, reset, fields, needs);
  }

  /// This register as a unit with `capabilities` has it: without the fields whose feature is
  /// missing. Empty if the unit does not have it at all.
  public Optional<Register> on(Capabilities capabilities) {
    if (!needs.stream().allMatch(capabilities::has)) {
      return Optional.empty();
    }
    return Optional.of(
        where(field -> field.needs().isEmpty() || capabilities.has(field.needs().get())));
  }

  private Register where(Predicate<RegisterField> kept) {
    return new Register(
        name, offset, widthBits, reset, fields.stream().filter(kept).toList(), needs);
  }

  /// What the register holds after software wrote `written` to the bits of `lanes`: the one rule
  /// for every register and every access width. Write-only fields are held, too; [#read] hides
  /// them.
  public long afterWrite(long current, long written, long lanes) {
    long replaced = writable & lanes;
    long cleared = clearable & lanes & written;
    return (current & ~replaced | written & replaced) & ~cleared;
  }

  /// What software reads when the register holds `current`.
  public long read(long current) {
    return current & ~unreadable;
  }

  /// The manual's letters.
  public String name() {
    return name;
  }

  /// Bytes from the base of the window.
  public int offset() {
    return offset;
  }

  /// 32 or 64.
  public int widthBits() {
    return widthBits;
  }

  /// Width in bytes: 4 or 8.
  public int widthBytes() {
    return widthBits / 8;
  }

  /// Value after power-on.
  public long reset() {
    return reset;
  }

  /// The fields, as declared.
  public List<RegisterField> fields() {
    return fields;
  }

  /// The features a unit needs to have this register.
  public Set<Feature> needs() {
    return needs;
  }

  /// Bits that take what software writes.
  public long writable() {
    return writable;
  }

  /// Bits that software clears by writing 1.
  public long clearable() {
    return clearable;
  }

  /// Bits of no field.
  public long reserved() {
    long all = widthBits == 64 ? -1L : 0xffff_ffffL;
    return fields.stream().mapToLong(field -> ~field.bits().mask()).reduce(all, (a, b) -> a & b);
  }

  @Override
  public String toString() {
    return "%s (%03x, %d bits, %s)"
        .formatted(name, offset, widthBits, Arrays.toString(fields.toArray()));
  }
}
