package dev.portcullis.kit.register;

import dev.portcullis.kit.Await;
import dev.portcullis.unit.RemappingUnit;

/// Software's side of the register window, with the protocols the architecture asks of software.
///
/// @vtd 11.4.4 Global Command Register
public final class Registers {
  private final RemappingUnit unit;
  private final Facts facts;

  /// @param hostAddressBits the width no register tells (HAW)
  public Registers(RemappingUnit unit, int hostAddressBits) {
    this.unit = unit;
    this.facts =
        new Facts(
            unit.readRegister(Offsets.VER, 4),
            unit.readRegister(Offsets.CAP, 8),
            unit.readRegister(Offsets.ECAP, 8),
            hostAddressBits);
  }

  /// What the unit announces.
  public Facts facts() {
    return facts;
  }

  public long read(long offset, int widthBytes) {
    return unit.readRegister(offset, widthBytes);
  }

  public void write(long offset, int widthBytes, long value) {
    unit.writeRegister(offset, widthBytes, value);
  }

  public long read32(long offset) {
    return read(offset, 4);
  }

  public void write32(long offset, long value) {
    write(offset, 4, value);
  }

  public long read64(long offset) {
    return read(offset, 8);
  }

  public void write64(long offset, long value) {
    write(offset, 8, value);
  }

  /// Offset of fault record `index`.
  public int faultRecord(int index) {
    return facts.faultRecordOffset() + 16 * index;
  }

  /// Offset of IVA.
  public int iva() {
    return facts.invalidateAddressOffset();
  }

  /// Offset of IOTLB.
  public int iotlb() {
    return iva() + 8;
  }

  /// GSTS.
  public long status() {
    return read32(Offsets.GSTS);
  }

  /// Whether all of `bits` are set in GSTS.
  public boolean isOn(long bits) {
    return (status() & bits) == bits;
  }

  /// Writes GCMD with the level bits as they are, and `bits` on top.
  public void command(long bits) {
    write32(Offsets.GCMD, status() & Command.LEVELS | bits);
  }

  /// Points the unit to the root table and awaits that it took it.
  ///
  /// @param rtaddr address and mode bits
  public void setRootTable(long rtaddr) {
    write64(Offsets.RTADDR, rtaddr);
    command(Command.SRTP);
    Await.until("root table pointer taken", () -> isOn(Command.SRTP));
  }

  /// Turns a level bit on and awaits it.
  public void enable(long level) {
    command(level);
    Await.until("status on", () -> isOn(level));
  }

  /// Turns a level bit off and awaits it.
  public void disable(long level) {
    write32(Offsets.GCMD, status() & Command.LEVELS & ~level);
    Await.until("status off", () -> !isOn(level));
  }

  /// Protects what the PLM and PHM registers say, or stops.
  public void protectMemory(Protection wanted) {
    long on = wanted == Protection.ON ? 1 : 0;
    write32(Offsets.PMEN, on << 31);
    Await.until("protection " + wanted, () -> (read32(Offsets.PMEN) & 1) == on);
  }

  /// Whether protected memory is.
  public enum Protection {
    ON,
    OFF
  }
}
