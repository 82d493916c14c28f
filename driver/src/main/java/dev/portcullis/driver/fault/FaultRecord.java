package dev.portcullis.driver.fault;

import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.FaultRegisters;
import java.util.Optional;
import java.util.OptionalInt;

/// One request that the unit has refused.
///
/// @param sourceId requester-id
/// @param reasonCode 8-bit code; see [#reason]
/// @param type what the request wanted
/// @param addressType what kind of address it had
/// @param information page address of the request; for an interrupt, its index in bits 63 to 48
/// @param pasid of the request, if it had one
/// @param privilege the request's
/// @vtd 7.2.1 Primary Fault Logging
public record FaultRecord(
    int sourceId,
    int reasonCode,
    RequestType type,
    AddressType addressType,
    long information,
    OptionalInt pasid,
    Privilege privilege) {
  private static final int FIRST_INTERRUPT_CODE = 0x20;
  private static final int LAST_INTERRUPT_CODE = 0x2f;
  private static final int INTERRUPT_INDEX_SHIFT = 48;

  /// What a request wanted.
  public enum RequestType {
    WRITE,
    PAGE_REQUEST,
    READ,
    ATOMIC
  }

  /// What kind of address a request had.
  public enum AddressType {
    UNTRANSLATED,
    TRANSLATION_REQUEST,
    TRANSLATED,
    RESERVED
  }

  /// Whether a request with PASID asked for supervisor rights.
  public enum Privilege {
    USER,
    SUPERVISOR
  }

  /// Decodes the two halves of a record.
  static FaultRecord decode(long lo, long hi) {
    boolean hasPasid = FaultRegisters.PP.isSet(hi);
    return new FaultRecord(
        FaultRegisters.SID.intOf(hi),
        FaultRegisters.FR.intOf(hi),
        RequestType.values()[FaultRegisters.T1.intOf(hi) << 1 | FaultRegisters.T2.intOf(hi)],
        AddressType.values()[FaultRegisters.AT.intOf(hi)],
        FaultRegisters.FI.inPlace(lo),
        hasPasid ? OptionalInt.of(FaultRegisters.PV.intOf(hi)) : OptionalInt.empty(),
        hasPasid && FaultRegisters.PRIV.isSet(hi) ? Privilege.SUPERVISOR : Privilege.USER);
  }

  /// Why it was refused; empty for a code that the architecture does not define.
  public Optional<FaultReason> reason() {
    return FaultReason.of(reasonCode);
  }

  /// Whether an interrupt was refused, and not an access to memory.
  public boolean isInterrupt() {
    return reasonCode >= FIRST_INTERRUPT_CODE && reasonCode <= LAST_INTERRUPT_CODE;
  }

  /// Page of a refused access to memory.
  public long address() {
    return information;
  }

  /// Index of a refused interrupt.
  public int interruptIndex() {
    return (int) (information >>> INTERRUPT_INDEX_SHIFT);
  }

  @Override
  public String toString() {
    String why = reason().map(FaultReason::description).orElse("reason unknown");
    return isInterrupt()
        ? "%04x: interrupt %d refused, %02xh: %s"
            .formatted(sourceId, interruptIndex(), reasonCode, why)
        : "%04x%s: %s of %#x refused, %02xh: %s"
            .formatted(
                sourceId,
                pasid.isPresent() ? " PASID " + pasid.getAsInt() : "",
                type,
                information,
                reasonCode,
                why);
  }
}
