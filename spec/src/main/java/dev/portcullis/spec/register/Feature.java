package dev.portcullis.spec.register;

import dev.portcullis.spec.BitField;

/// What a remapping unit may or may not have: the one-bit fields of CAP and ECAP, in words.
///
/// @vtd 11.4.2 Capability Register
/// @vtd 11.4.3 Extended Capability Register
public enum Feature {
  ENHANCED_SET_ROOT_TABLE_POINTER(Word.CAP, Capability.ESRTPS),
  ENHANCED_SET_INTERRUPT_TABLE_POINTER(Word.CAP, Capability.ESIRTPS),
  ENHANCED_COMMANDS(Word.CAP, Capability.ECMDS),
  FIRST_STAGE_5_LEVELS(Word.CAP, Capability.FS5LP),
  POSTED_INTERRUPTS(Word.CAP, Capability.PI),
  FIRST_STAGE_1_GIB_PAGES(Word.CAP, Capability.FS1GP),
  READ_DRAINING(Word.CAP, Capability.DRD),
  WRITE_DRAINING(Word.CAP, Capability.DWD),
  PAGE_SELECTIVE_INVALIDATION(Word.CAP, Capability.PSI),
  ZERO_LENGTH_READ(Word.CAP, Capability.ZLR),
  CACHING_MODE(Word.CAP, Capability.CM),
  PROTECTED_HIGH_MEMORY(Word.CAP, Capability.PHMR),
  PROTECTED_LOW_MEMORY(Word.CAP, Capability.PLMR),
  WRITE_BUFFER_FLUSH(Word.CAP, Capability.RWBF),

  INTERRUPT_REMAPPING_REQUIRED(Word.ECAP, ExtendedCapability.IRREQ),
  EXTENDED_INTERRUPT_MODE_REQUIRED(Word.ECAP, ExtendedCapability.EIMER),
  RESOURCE_DIRECTOR(Word.ECAP, ExtendedCapability.RDTS),
  HOST_PERMISSION_1_GIB(Word.ECAP, ExtendedCapability.HPT1GPS),
  STOP_MARKERS(Word.ECAP, ExtendedCapability.SMS),
  SECOND_STAGE_IO_RIGHTS(Word.ECAP, ExtendedCapability.SSIRWS),
  PASID_IN_TRANSLATED_REQUESTS(Word.ECAP, ExtendedCapability.PTRS),
  HOST_PERMISSION_TABLES(Word.ECAP, ExtendedCapability.HPTS),
  REQUESTER_PRIVILEGE(Word.ECAP, ExtendedCapability.RPRIVS),
  ABORT_DMA_MODE(Word.ECAP, ExtendedCapability.ADMS),
  PERFORMANCE_MONITORING(Word.ECAP, ExtendedCapability.PMS),
  TDX_CONNECT(Word.ECAP, ExtendedCapability.TDXCS),
  REQUESTER_PASID(Word.ECAP, ExtendedCapability.RPS),
  SCALABLE_WALK_COHERENCY(Word.ECAP, ExtendedCapability.SMPWCS),
  FIRST_STAGE(Word.ECAP, ExtendedCapability.FSTS),
  SECOND_STAGE(Word.ECAP, ExtendedCapability.SSTS),
  SECOND_STAGE_ACCESSED_DIRTY(Word.ECAP, ExtendedCapability.SSADS),
  VIRTUAL_COMMANDS(Word.ECAP, ExtendedCapability.VCS),
  SCALABLE_MODE(Word.ECAP, ExtendedCapability.SMTS),
  PAGE_REQUEST_DRAIN(Word.ECAP, ExtendedCapability.PDS),
  DEVICE_TLB_INVALIDATION_THROTTLE(Word.ECAP, ExtendedCapability.DIT),
  PASID(Word.ECAP, ExtendedCapability.PASID),
  EXTENDED_ACCESSED_FLAG(Word.ECAP, ExtendedCapability.EAFS),
  NO_WRITE_FLAG(Word.ECAP, ExtendedCapability.NWFS),
  SUPERVISOR_REQUESTS(Word.ECAP, ExtendedCapability.SRS),
  EXECUTE_REQUESTS(Word.ECAP, ExtendedCapability.ERS),
  PAGE_REQUESTS(Word.ECAP, ExtendedCapability.PRS),
  NESTED_TRANSLATION(Word.ECAP, ExtendedCapability.NEST),
  MEMORY_TYPES(Word.ECAP, ExtendedCapability.MTS),
  SNOOP_CONTROL(Word.ECAP, ExtendedCapability.SC),
  PASS_THROUGH(Word.ECAP, ExtendedCapability.PT),
  EXTENDED_INTERRUPT_MODE(Word.ECAP, ExtendedCapability.EIM),
  INTERRUPT_REMAPPING(Word.ECAP, ExtendedCapability.IR),
  DEVICE_TLBS(Word.ECAP, ExtendedCapability.DT),
  QUEUED_INVALIDATION(Word.ECAP, ExtendedCapability.QI),
  COHERENT_TABLES(Word.ECAP, ExtendedCapability.C);

  /// The register a feature is announced in.
  public enum Word {
    CAP,
    ECAP
  }

  private final Word word;
  private final BitField field;

  Feature(Word word, BitField field) {
    this.word = word;
    this.field = field;
  }

  /// The register that announces this feature.
  public Word word() {
    return word;
  }

  /// The one bit in that register.
  public BitField field() {
    return field;
  }
}
