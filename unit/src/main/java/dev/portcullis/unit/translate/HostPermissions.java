package dev.portcullis.unit.translate;

import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.table.PasidEntry;
import dev.portcullis.unit.cache.Pasid;
import dev.portcullis.unit.cache.PermissionCache;
import dev.portcullis.unit.cache.Translation;
import dev.portcullis.unit.permission.HostPermissionWalk;
import dev.portcullis.unit.request.Request;
import dev.portcullis.unit.request.Rights;
import dev.portcullis.unit.snoop.TableMemory;

/// What becomes of translated requests in scalable mode: section 6 of the checks.
///
/// @vtd 4.2.4 Handling of ATS Translated Requests
final class HostPermissions {
  private static final int SMALLEST_TABLE_BITS = 49;

  private final PermissionCache cache;
  private final HostPermissionWalk snoopedWalk;
  private final HostPermissionWalk otherWalk;
  private final Refusals refusals;
  private final int hostAddressBits;
  private final boolean zeroLengthRead;

  HostPermissions(
      TableMemory tables, Capabilities capabilities, PermissionCache cache, Refusals refusals) {
    this.cache = cache;
    this.snoopedWalk = new HostPermissionWalk(tables.snoopedWalks(), capabilities);
    this.otherWalk = new HostPermissionWalk(tables.otherWalks(), capabilities);
    this.refusals = refusals;
    this.hostAddressBits = capabilities.hostAddressBits();
    this.zeroLengthRead = capabilities.has(Feature.ZERO_LENGTH_READ);
  }

  /// Where a translated request goes that no permission table checks.
  long passUnchecked(boolean recorded, Walker walker) {
    FaultReason reason = misplaced(walker.iova);
    return reason == null ? walker.iova : refusals.refuse(reason, recorded, walker);
  }

  /// Where a translated request goes that the permission table of `pasid` checks.
  long check(Pasid pasid, boolean recorded, Walker walker) {
    FaultReason reason = refusal(pasid.entry(), walker);
    return reason == null ? walker.iova : refusals.refuse(reason, recorded, walker);
  }

  private FaultReason refusal(PasidEntry entry, Walker walker) {
    int tableBits = SMALLEST_TABLE_BITS + PasidEntry.HPTSZ.intOf(entry.w4());
    if (walker.iova >>> tableBits != 0) {
      return FaultReason.BEYOND_HOST_PERMISSION_TABLE; // 4.13
    }
    FaultReason reason = misplaced(walker.iova);
    if (reason != null) {
      return reason;
    }
    int domain = PasidEntry.HPTDID.intOf(entry.w5());
    long rights = cache.lookup(domain, walker.iova);
    walker.scratch.tally.permissionLookups++;
    walker.scratch.tally.permissionHits += rights == PermissionCache.MISS ? 0 : 1;
    if (rights == PermissionCache.MISS) {
      HostPermissionWalk walk = PasidEntry.PWSNP.isSet(entry.w1()) ? snoopedWalk : otherWalk;
      rights = walk.walk(PasidEntry.HPTPTR.inPlace(entry.w4()), walker.iova, walker.scratch);
      if (Translation.isFault(rights)) {
        return FaultReason.of(Translation.reasonCode(rights)).orElseThrow();
      }
      if (Translation.rights(rights) != 0) {
        cache.fill(domain, walker.iova, rights, walker.epoch);
      }
    }
    return missing(rights, walker.request());
  }

  /// 6.1, 6.2.
  private FaultReason misplaced(long hpa) {
    if (hpa >>> hostAddressBits != 0) {
      return FaultReason.SCALABLE_ADDRESS_BEYOND_HOST;
    }
    return InterruptRange.contains(hpa) ? FaultReason.SCALABLE_OUTPUT_IN_INTERRUPT_RANGE : null;
  }

  /// 6.6 to 6.8.
  private FaultReason missing(long rights, Request request) {
    if (request == Request.ZERO_LENGTH_READ && zeroLengthRead) {
      return Translation.rights(rights) == 0 ? FaultReason.HOST_PERMISSION_MISSING : null;
    }
    int needed = request.rights();
    if ((needed & Rights.WRITE & ~rights) != 0) {
      return FaultReason.HOST_PERMISSION_NO_WRITE;
    }
    return (needed & Rights.READ & ~rights) != 0 ? FaultReason.HOST_PERMISSION_NO_READ : null;
  }
}
