package dev.portcullis.spec.fault;

import java.util.Arrays;
import java.util.Optional;

/// Why a unit refuses a request: what it writes into the FR field of a fault record.
///
/// Codes 0Fh to 1Fh belonged to a mode that is gone; 88h was listed once without a meaning.
///
/// @vtd 7.1.3 Fault Conditions and Remapping Hardware Behavior for Various Requests
/// @vtd 5.1.4.1 Interrupt Remapping Fault Conditions
public enum FaultReason {
  // Legacy mode
  ROOT_NOT_PRESENT(0x01, "LRT.2", Fpd.ALWAYS_RECORDED, "the root entry is not present"),
  CONTEXT_NOT_PRESENT(0x02, "LCT.2", Fpd.QUALIFIED, "the context entry is not present"),
  CONTEXT_INVALID(
      0x03,
      "LCT.4",
      Fpd.QUALIFIED,
      "the context entry has an address width or translation type the unit lacks, or its tables"
          + " cannot be read"),
  ADDRESS_BEYOND_WIDTH(
      0x04,
      "LGN.1",
      Fpd.QUALIFIED,
      "the address is wider than the tables, or than a physical address where it is not"
          + " translated"),
  WRITE_NOT_PERMITTED(0x05, "LGN.2", Fpd.QUALIFIED, "a write or atomic without the right to write"),
  READ_NOT_PERMITTED(0x06, "LGN.3", Fpd.QUALIFIED, "a read or atomic without the right to read"),
  PAGING_ENTRY_FETCH_FAILED(
      0x07, "LSS.1", Fpd.QUALIFIED, "a paging entry below the first cannot be read"),
  ROOT_FETCH_FAILED(0x08, "LRT.1", Fpd.ALWAYS_RECORDED, "the root entry cannot be read"),
  CONTEXT_FETCH_FAILED(0x09, "LCT.1", Fpd.ALWAYS_RECORDED, "the context entry cannot be read"),
  ROOT_RESERVED_BITS(0x0a, "LRT.3", Fpd.ALWAYS_RECORDED, "the root entry has reserved bits set"),
  CONTEXT_RESERVED_BITS(0x0b, "LCT.3", Fpd.QUALIFIED, "the context entry has reserved bits set"),
  PAGING_ENTRY_RESERVED_BITS(
      0x0c, "LSS.2", Fpd.QUALIFIED, "a paging entry that grants a right has reserved bits set"),
  TRANSLATION_TYPE_BLOCKS(
      0x0d,
      "LCT.5",
      Fpd.QUALIFIED,
      "the translation type blocks translation requests and translated requests"),
  OUTPUT_IN_INTERRUPT_RANGE(0x0e, "LGN.4", Fpd.QUALIFIED, "the result lies in the interrupt range"),

  // Root table address register
  TABLE_MODE_INVALID(
      0x30, "RTA.1", Fpd.ALWAYS_RECORDED, "the table mode does not exist on this unit"),
  PASID_IN_LEGACY_MODE(0x31, "RTA.2", Fpd.ALWAYS_RECORDED, "a request with PASID in legacy mode"),
  PAGE_REQUEST_IN_LEGACY_MODE(0x32, "RTA.3", Fpd.ALWAYS_RECORDED, "a page request in legacy mode"),
  ABORT_MODE(0x33, "RTA.4", Fpd.ALWAYS_RECORDED, "the unit is in abort-DMA mode"),
  EXECUTE_REQUEST(0x34, "RTA.5", Fpd.ALWAYS_RECORDED, "an execute request, from version 8 on"),

  // Scalable mode: root and context
  SCALABLE_ROOT_FETCH_FAILED(0x38, "SRT.1", Fpd.ALWAYS_RECORDED, "the root entry cannot be read"),
  SCALABLE_ROOT_NOT_PRESENT(
      0x39,
      "SRT.2",
      Fpd.ALWAYS_RECORDED,
      "the half of the root entry that serves the device is not present"),
  SCALABLE_ROOT_RESERVED_BITS(
      0x3a,
      "SRT.3",
      Fpd.ALWAYS_RECORDED,
      "the half of the root entry that serves the device has reserved bits set"),
  SCALABLE_CONTEXT_FETCH_FAILED(
      0x40, "SCT.1", Fpd.ALWAYS_RECORDED, "the context entry cannot be read"),
  SCALABLE_CONTEXT_NOT_PRESENT(0x41, "SCT.2", Fpd.QUALIFIED, "the context entry is not present"),
  SCALABLE_CONTEXT_RESERVED_BITS(
      0x42, "SCT.3", Fpd.QUALIFIED, "the context entry has reserved bits set"),
  SCALABLE_CONTEXT_INVALID(
      0x43, "SCT.4", Fpd.QUALIFIED, "the fields of the context entry contradict one another"),
  DEVICE_TLB_DISABLED(
      0x44,
      "SCT.5",
      Fpd.QUALIFIED,
      "a translation or translated request where the context entry forbids device-TLBs"),
  PASID_DISABLED(
      0x45, "SCT.6", Fpd.QUALIFIED, "a request with PASID where the context entry forbids them"),
  PASID_BEYOND_DIRECTORY(0x46, "SCT.7", Fpd.QUALIFIED, "the PASID lies beyond the directory"),
  PAGE_REQUEST_DISABLED(
      0x47, "SCT.8", Fpd.QUALIFIED, "a page request where the context entry forbids them"),
  PASID_IS_REQUESTERS_OWN(
      0x48, "SCT.9", Fpd.QUALIFIED, "the request's PASID is that of requests without PASID"),
  PASID_IN_TRANSLATED_REQUEST(
      0x49,
      "SCT.10",
      Fpd.QUALIFIED,
      "a translated request with PASID where the context entry forbids them"),

  // Scalable mode: PASID directory and table
  PASID_DIRECTORY_FETCH_FAILED(
      0x50, "SPD.1", Fpd.ALWAYS_RECORDED, "the directory entry cannot be read"),
  PASID_DIRECTORY_NOT_PRESENT(0x51, "SPD.2", Fpd.QUALIFIED, "the directory entry is not present"),
  PASID_DIRECTORY_RESERVED_BITS(
      0x52, "SPD.3", Fpd.QUALIFIED, "the directory entry has reserved bits set"),
  PASID_FETCH_FAILED(0x58, "SPT.1", Fpd.ALWAYS_RECORDED, "the table entry cannot be read"),
  PASID_NOT_PRESENT(0x59, "SPT.2", Fpd.QUALIFIED, "the table entry is not present"),
  PASID_RESERVED_BITS(0x5a, "SPT.3", Fpd.QUALIFIED, "the table entry has reserved bits set"),
  PASID_INVALID(0x5b, "SPT.4", Fpd.QUALIFIED, "the table entry asks for what the unit lacks"),
  EXECUTE_DISABLED(0x5c, "SPT.5", Fpd.QUALIFIED, "an execute request where they are not enabled"),
  SUPERVISOR_DISABLED(
      0x5d, "SPT.6", Fpd.QUALIFIED, "a supervisor request where they are not enabled"),
  BEYOND_HOST_PERMISSION_TABLE(
      0x60, "SPT.9", Fpd.QUALIFIED, "a translated request beyond the host permission table"),

  // Scalable mode: first stage
  FIRST_STAGE_FETCH_FAILED(
      0x70, "SFS.1", Fpd.QUALIFIED, "a paging entry below the first cannot be read"),
  FIRST_STAGE_NOT_PRESENT(0x71, "SFS.2", Fpd.QUALIFIED, "a paging entry is not present"),
  FIRST_STAGE_RESERVED_BITS(0x72, "SFS.3", Fpd.QUALIFIED, "a paging entry has reserved bits set"),
  FIRST_STAGE_TOP_FETCH_FAILED(
      0x73, "SFS.4", Fpd.QUALIFIED, "the first paging entry cannot be read"),
  FIRST_STAGE_ADDRESS_BEYOND_WIDTH(
      0x74, "SFS.5", Fpd.QUALIFIED, "nested: an entry's address is wider than the second stage"),
  FIRST_STAGE_TOP_NOT_READABLE(
      0x75,
      "SFS.6",
      Fpd.QUALIFIED,
      "nested: the second stage forbids to read the first paging entry"),
  FIRST_STAGE_NOT_READABLE(
      0x76,
      "SFS.7",
      Fpd.QUALIFIED,
      "nested: the second stage forbids to read a later paging entry"),
  FIRST_STAGE_NOT_WRITABLE(
      0x77, "SFS.8", Fpd.QUALIFIED, "nested: the second stage forbids to update a paging entry"),
  FIRST_STAGE_UPDATE_NOT_SNOOPED(
      0x90, "SFS.9", Fpd.QUALIFIED, "an accessed or dirty flag is due and the walk is not snooped"),
  FIRST_STAGE_UPDATE_FAILED(
      0x91, "SFS.10", Fpd.QUALIFIED, "an accessed or dirty flag cannot be written"),

  // Scalable mode: second stage
  SECOND_STAGE_FETCH_FAILED(
      0x78, "SSS.1", Fpd.QUALIFIED, "a paging entry below the first cannot be read"),
  SECOND_STAGE_NOT_PRESENT(0x79, "SSS.2", Fpd.QUALIFIED, "a paging entry grants nothing"),
  SECOND_STAGE_RESERVED_BITS(
      0x7a, "SSS.3", Fpd.QUALIFIED, "a paging entry that grants a right has reserved bits set"),
  SECOND_STAGE_TOP_FETCH_FAILED(
      0x7b, "SSS.4", Fpd.QUALIFIED, "the first paging entry cannot be read"),
  SECOND_STAGE_UPDATE_NOT_SNOOPED(
      0x7c, "SSS.5", Fpd.QUALIFIED, "an accessed or dirty flag is due and the walk is not snooped"),
  SECOND_STAGE_UPDATE_FAILED(
      0x7d, "SSS.6", Fpd.QUALIFIED, "an accessed or dirty flag cannot be written"),

  // Scalable mode: general
  NOT_CANONICAL(0x80, "SGN.1", Fpd.QUALIFIED, "the address is not canonical"),
  USER_NOT_PERMITTED(0x81, "SGN.2", Fpd.QUALIFIED, "a user request for a supervisor page"),
  EXECUTE_NOT_PERMITTED(
      0x82,
      "SGN.3",
      Fpd.QUALIFIED,
      "an execute request without the right to execute, up to revision 4.0"),
  SCALABLE_ADDRESS_BEYOND_HOST(
      0x83, "SGN.4", Fpd.QUALIFIED, "an untranslated address is wider than a physical one"),
  SCALABLE_ADDRESS_BEYOND_WIDTH(
      0x84, "SGN.5", Fpd.QUALIFIED, "the address is wider than the second stage"),
  SCALABLE_WRITE_NOT_PERMITTED(
      0x85, "SGN.6", Fpd.QUALIFIED, "a write or atomic without the right to write"),
  SCALABLE_READ_NOT_PERMITTED(
      0x86, "SGN.7", Fpd.QUALIFIED, "a read or atomic without the right to read"),
  SCALABLE_OUTPUT_IN_INTERRUPT_RANGE(
      0x87, "SGN.8", Fpd.QUALIFIED, "the result lies in the interrupt range"),
  PASID_BEYOND_WIDTH(0x89, "SGN.10", Fpd.QUALIFIED, "the PASID is wider than the unit supports"),

  // Host permission tables
  HOST_PERMISSION_FETCH_FAILED(
      0xa0, "HPT.1", Fpd.QUALIFIED, "an entry below the first cannot be read"),
  HOST_PERMISSION_RESERVED_BITS(0xa1, "HPT.2", Fpd.QUALIFIED, "an entry has reserved bits set"),
  HOST_PERMISSION_TOP_FETCH_FAILED(0xa2, "HPT.3", Fpd.QUALIFIED, "the first entry cannot be read"),
  HOST_PERMISSION_MISSING(
      0xa3, "HPT.4", Fpd.QUALIFIED, "a zero-length read where there is no permission at all"),
  HOST_PERMISSION_NO_WRITE(
      0xa4, "HPT.5", Fpd.QUALIFIED, "a write or atomic without permission to write"),
  HOST_PERMISSION_NO_READ(
      0xa5, "HPT.6", Fpd.QUALIFIED, "a read or atomic without permission to read"),

  // Interrupt remapping
  INTERRUPT_RESERVED_BITS(
      0x20, "", Fpd.ALWAYS_RECORDED, "a remappable request has reserved bits set"),
  INTERRUPT_INDEX_BEYOND_TABLE(0x21, "", Fpd.ALWAYS_RECORDED, "the index lies beyond the table"),
  INTERRUPT_ENTRY_NOT_PRESENT(0x22, "", Fpd.QUALIFIED, "the entry is not present"),
  INTERRUPT_ENTRY_FETCH_FAILED(0x23, "", Fpd.ALWAYS_RECORDED, "the entry cannot be read"),
  INTERRUPT_ENTRY_RESERVED_BITS(0x24, "", Fpd.QUALIFIED, "the entry has reserved bits set"),
  COMPATIBILITY_FORMAT_BLOCKED(
      0x25, "", Fpd.ALWAYS_RECORDED, "a request in compatibility format where they are blocked"),
  SOURCE_NOT_VALID(0x26, "", Fpd.QUALIFIED, "the requester is not the one the entry is for"),
  POSTED_DESCRIPTOR_ACCESS_FAILED(
      0x27, "", Fpd.QUALIFIED, "the posted-interrupt descriptor cannot be accessed"),
  POSTED_DESCRIPTOR_RESERVED_BITS(
      0x28, "", Fpd.QUALIFIED, "the posted-interrupt descriptor has reserved bits set"),
  NOT_AN_INTERRUPT(
      0x29, "", Fpd.ALWAYS_RECORDED, "a request in the interrupt range that is not an interrupt"),
  EXTENDED_MODE_REQUIRED(
      0x2a, "", Fpd.ALWAYS_RECORDED, "extended interrupt mode is required and not enabled"),
  REMAPPING_REQUIRED(
      0x2b, "", Fpd.ALWAYS_RECORDED, "interrupt remapping is required and not enabled");

  /// Whether software may keep a fault out of the log.
  public enum Fpd {
    /// Not recorded where a fault-processing-disable bit is set on the way to it.
    QUALIFIED,
    /// Recorded whatever such bits say.
    ALWAYS_RECORDED
  }

  private static final FaultReason[] BY_CODE = new FaultReason[256];

  static {
    Arrays.stream(values()).forEach(reason -> BY_CODE[reason.code] = reason);
  }

  private final int code;
  private final String condition;
  private final Fpd fpd;
  private final String description;

  FaultReason(int code, String condition, Fpd fpd, String description) {
    this.code = code;
    this.condition = condition;
    this.fpd = fpd;
    this.description = description;
  }

  /// The reason with the 8-bit `code`; empty if there is none.
  public static Optional<FaultReason> of(int code) {
    return Optional.ofNullable(BY_CODE[code & 0xff]);
  }

  /// Value of FR, 8 bits.
  public int code() {
    return code;
  }

  /// The manual's letters for the condition, such as LRT.2; conditions that the manual numbers
  /// below that share them. Empty for interrupts, which have none.
  public String condition() {
    return condition;
  }

  /// Whether software may keep it out of the log.
  public Fpd fpd() {
    return fpd;
  }

  /// What happened, in words.
  public String description() {
    return description;
  }
}
