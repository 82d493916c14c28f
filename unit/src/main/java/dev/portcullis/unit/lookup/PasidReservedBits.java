package dev.portcullis.unit.lookup;

import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.table.PasidEntry;

/// Which bits of a PASID table entry must be 0 on a unit: it depends on its features, and on what
/// the entry is for.
///
/// PWSNP is taken whether or not the unit snoops walks, and AW wherever there is no second stage to
/// walk: system software sets both regardless.
///
/// @vtd 9.6 Scalable-Mode PASID Table Entry
final class PasidReservedBits {
  private final long beyondHostAddress;
  private final long w0;
  private final long w1;
  private final long w2;
  private final long w4;
  private final long w5;
  private final boolean secondStage;
  private final long unusedDomainIds;
  private final boolean hostPermissions;

  PasidReservedBits(Capabilities unit) {
    this.beyondHostAddress = unit.beyondHostAddress();
    this.secondStage = unit.has(Feature.SECOND_STAGE);
    this.hostPermissions = unit.has(Feature.HOST_PERMISSION_TABLES);
    this.unusedDomainIds = PasidEntry.DID.mask() & -1L << unit.capability().domainIdBits();
    boolean firstStage = unit.has(Feature.FIRST_STAGE);
    this.w0 =
        PasidEntry.RESERVED_W0
            | (secondStage ? 0 : PasidEntry.SSPTPTR.mask())
            | (secondStage && unit.has(Feature.SECOND_STAGE_ACCESSED_DIRTY)
                ? 0
                : PasidEntry.SSADE.mask());
    this.w1 =
        PasidEntry.RESERVED_W1
            | unusedDomainIds
            | (unit.has(Feature.SNOOP_CONTROL) ? 0 : PasidEntry.PGSNP.mask())
            | (unit.has(Feature.MEMORY_TYPES)
                ? 0
                : PasidEntry.CD.mask() | PasidEntry.EMTE.mask() | PasidEntry.PAT.mask());
    this.w2 =
        PasidEntry.RESERVED_W2
            | (unit.has(Feature.SUPERVISOR_REQUESTS) ? 0 : PasidEntry.SRE.mask())
            | (unit.has(Feature.EXTENDED_ACCESSED_FLAG) ? 0 : PasidEntry.EAFE.mask())
            | (firstStage
                ? 0
                : PasidEntry.WPE.mask() | PasidEntry.FSPM.mask() | PasidEntry.FSPTPTR.mask());
    this.w4 = hostPermissions ? PasidEntry.RESERVED_W4 : -1L;
    this.w5 = hostPermissions ? PasidEntry.RESERVED_W5 : -1L;
  }

  boolean areSetIn(PasidEntry entry, boolean withHostPermissions) {
    int type = entry.translationType();
    boolean usesSecond =
        type != PasidEntry.PGTT_FIRST_STAGE && type != PasidEntry.PGTT_PASS_THROUGH;
    boolean usesFirst =
        type != PasidEntry.PGTT_SECOND_STAGE && type != PasidEntry.PGTT_PASS_THROUGH;
    boolean checksPermissions = hostPermissions && withHostPermissions;
    long in0 =
        w0
            | (usesSecond ? beyondHostAddress : 0)
            | (usesSecond && !secondStage ? PasidEntry.AW.mask() : 0);
    long in2 = w2 | (usesFirst ? beyondHostAddress : 0);
    long in4 = w4 | (checksPermissions ? beyondHostAddress : 0);
    long in5 = w5 | (checksPermissions ? unusedDomainIds : 0);
    return (entry.w0() & in0
            | entry.w1() & w1
            | entry.w2() & in2
            | entry.w4() & in4
            | entry.w5() & in5)
        != 0;
  }
}
