package dev.portcullis.vmm.fault;

import dev.portcullis.driver.fault.FaultRecord;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.vmm.event.Severity;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What kind of thing went wrong, and how bad that is.
///
/// @vtd 7.1.3 Fault Conditions and Remapping Hardware Behavior for Various Requests
public enum FaultClass {
  /// Memory that the function may not reach, or not so.
  NOT_ALLOWED(
      Severity.WARNING,
      FaultReason.WRITE_NOT_PERMITTED,
      FaultReason.READ_NOT_PERMITTED,
      FaultReason.SECOND_STAGE_NOT_PRESENT,
      FaultReason.SCALABLE_WRITE_NOT_PERMITTED,
      FaultReason.SCALABLE_READ_NOT_PERMITTED,
      FaultReason.USER_NOT_PERMITTED,
      FaultReason.EXECUTE_NOT_PERMITTED,
      FaultReason.FIRST_STAGE_NOT_PRESENT,
      FaultReason.FIRST_STAGE_TOP_NOT_READABLE,
      FaultReason.FIRST_STAGE_NOT_READABLE,
      FaultReason.FIRST_STAGE_NOT_WRITABLE,
      FaultReason.HOST_PERMISSION_MISSING,
      FaultReason.HOST_PERMISSION_NO_WRITE,
      FaultReason.HOST_PERMISSION_NO_READ,
      FaultReason.BEYOND_HOST_PERMISSION_TABLE),
  /// An address that cannot exist.
  OUT_OF_RANGE(
      Severity.WARNING,
      FaultReason.ADDRESS_BEYOND_WIDTH,
      FaultReason.NOT_CANONICAL,
      FaultReason.SCALABLE_ADDRESS_BEYOND_HOST,
      FaultReason.SCALABLE_ADDRESS_BEYOND_WIDTH,
      FaultReason.OUTPUT_IN_INTERRUPT_RANGE,
      FaultReason.SCALABLE_OUTPUT_IN_INTERRUPT_RANGE),
  /// The function belongs to nobody, or was stopped: it reaches nothing.
  NO_DOMAIN(
      Severity.WARNING,
      FaultReason.ROOT_NOT_PRESENT,
      FaultReason.CONTEXT_NOT_PRESENT,
      FaultReason.SCALABLE_ROOT_NOT_PRESENT,
      FaultReason.SCALABLE_CONTEXT_NOT_PRESENT,
      FaultReason.PASID_DIRECTORY_NOT_PRESENT,
      FaultReason.PASID_NOT_PRESENT,
      FaultReason.ABORT_MODE),
  /// Tables that a guest keeps for its function are wrong.
  GUEST_TABLES(
      Severity.WARNING,
      FaultReason.FIRST_STAGE_FETCH_FAILED,
      FaultReason.FIRST_STAGE_RESERVED_BITS,
      FaultReason.FIRST_STAGE_TOP_FETCH_FAILED,
      FaultReason.FIRST_STAGE_ADDRESS_BEYOND_WIDTH,
      FaultReason.FIRST_STAGE_UPDATE_NOT_SNOOPED,
      FaultReason.FIRST_STAGE_UPDATE_FAILED),
  /// A kind of request that the function must not make.
  WRONG_REQUEST(
      Severity.ERROR,
      FaultReason.TRANSLATION_TYPE_BLOCKS,
      FaultReason.PASID_IN_LEGACY_MODE,
      FaultReason.PAGE_REQUEST_IN_LEGACY_MODE,
      FaultReason.EXECUTE_REQUEST,
      FaultReason.DEVICE_TLB_DISABLED,
      FaultReason.PASID_DISABLED,
      FaultReason.PASID_BEYOND_DIRECTORY,
      FaultReason.PAGE_REQUEST_DISABLED,
      FaultReason.PASID_IS_REQUESTERS_OWN,
      FaultReason.PASID_IN_TRANSLATED_REQUEST,
      FaultReason.EXECUTE_DISABLED,
      FaultReason.SUPERVISOR_DISABLED,
      FaultReason.PASID_BEYOND_WIDTH),
  /// An interrupt that the function must not send.
  INTERRUPT(
      Severity.ERROR,
      FaultReason.INTERRUPT_RESERVED_BITS,
      FaultReason.INTERRUPT_INDEX_BEYOND_TABLE,
      FaultReason.INTERRUPT_ENTRY_NOT_PRESENT,
      FaultReason.COMPATIBILITY_FORMAT_BLOCKED,
      FaultReason.SOURCE_NOT_VALID,
      FaultReason.NOT_AN_INTERRUPT,
      FaultReason.EXTENDED_MODE_REQUIRED,
      FaultReason.REMAPPING_REQUIRED),
  /// Tables of the monitor are wrong: its own bug, or somebody has written to them.
  MONITOR_TABLES(
      Severity.CRITICAL,
      FaultReason.CONTEXT_INVALID,
      FaultReason.PAGING_ENTRY_FETCH_FAILED,
      FaultReason.ROOT_FETCH_FAILED,
      FaultReason.CONTEXT_FETCH_FAILED,
      FaultReason.ROOT_RESERVED_BITS,
      FaultReason.CONTEXT_RESERVED_BITS,
      FaultReason.PAGING_ENTRY_RESERVED_BITS,
      FaultReason.TABLE_MODE_INVALID,
      FaultReason.SCALABLE_ROOT_FETCH_FAILED,
      FaultReason.SCALABLE_ROOT_RESERVED_BITS,
      FaultReason.SCALABLE_CONTEXT_FETCH_FAILED,
      FaultReason.SCALABLE_CONTEXT_RESERVED_BITS,
      FaultReason.SCALABLE_CONTEXT_INVALID,
      FaultReason.PASID_DIRECTORY_FETCH_FAILED,
      FaultReason.PASID_DIRECTORY_RESERVED_BITS,
      FaultReason.PASID_FETCH_FAILED,
      FaultReason.PASID_RESERVED_BITS,
      FaultReason.PASID_INVALID,
      FaultReason.SECOND_STAGE_FETCH_FAILED,
      FaultReason.SECOND_STAGE_RESERVED_BITS,
      FaultReason.SECOND_STAGE_TOP_FETCH_FAILED,
      FaultReason.SECOND_STAGE_UPDATE_NOT_SNOOPED,
      FaultReason.SECOND_STAGE_UPDATE_FAILED,
      FaultReason.HOST_PERMISSION_FETCH_FAILED,
      FaultReason.HOST_PERMISSION_RESERVED_BITS,
      FaultReason.HOST_PERMISSION_TOP_FETCH_FAILED,
      FaultReason.INTERRUPT_ENTRY_FETCH_FAILED,
      FaultReason.INTERRUPT_ENTRY_RESERVED_BITS,
      FaultReason.POSTED_DESCRIPTOR_ACCESS_FAILED,
      FaultReason.POSTED_DESCRIPTOR_RESERVED_BITS),
  /// A reason that nobody knows.
  UNKNOWN(Severity.ERROR);

  private static final Map<FaultReason, FaultClass> BY_REASON = new EnumMap<>(FaultReason.class);

  static {
    for (FaultClass one : values()) {
      for (FaultReason reason : one.reasons) {
        BY_REASON.put(reason, one);
      }
    }
  }

  private final Severity severity;
  private final List<FaultReason> reasons;

  FaultClass(Severity severity, FaultReason... reasons) {
    this.severity = severity;
    this.reasons = List.of(reasons);
  }

  public Severity severity() {
    return severity;
  }

  /// In lower case with hyphens, as it is written everywhere.
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The class of a recorded fault.
  public static FaultClass of(FaultRecord record) {
    return record.reason().map(FaultClass::of).orElse(UNKNOWN);
  }

  /// The class of a reason.
  public static FaultClass of(FaultReason reason) {
    return BY_REASON.getOrDefault(reason, UNKNOWN);
  }

  /// The reasons that are of this class.
  public List<FaultReason> reasons() {
    return reasons;
  }
}
