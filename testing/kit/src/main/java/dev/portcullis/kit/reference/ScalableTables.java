package dev.portcullis.kit.reference;

import dev.portcullis.kit.table.Entry;
import dev.portcullis.pci.PasidPrefix;

/// Root and context tables of scalable mode.
///
/// @vtd 3.4.3 Scalable Mode Address Translation
final class ScalableTables {
  private static final int DTE = 2;
  private static final int PASIDE = 3;
  private static final int PRE = 4;
  private static final int HPTE = 5;
  private static final int EPTR = 6;

  private final Walk walk;
  private final Ask ask;

  ScalableTables(Walk walk) {
    this.walk = walk;
    this.ask = walk.ask;
  }

  Page root(long table) {
    int sourceId = ask.sourceId();
    Entry root = walk.fetch128(table + 16L * (sourceId >>> 8));
    if (root == null) {
      return Page.fault(0x38);
    }
    long half = (sourceId & 0x80) == 0 ? root.lo() : root.hi();
    if ((half & 1) == 0) {
      return Page.fault(0x39);
    }
    if ((half & (-1L << walk.facts.hostAddressBits() | 0xffe)) != 0) {
      return Page.fault(0x3a);
    }
    return context((half & -4096L) + 32L * (sourceId & 0x7f));
  }

  private Page context(long hpa) {
    Entry low = walk.fetch128(hpa);
    Entry high = walk.fetch128(hpa + 16);
    if (low == null || high == null) {
      return Page.fault(0x40);
    }
    walk.meet((low.lo() & 2) != 0);
    if ((low.lo() & 1) == 0) {
      return Page.fault(0x41);
    }
    if ((low.lo() & reservedLow()) != 0
        || (low.hi() & reservedHigh()) != 0
        || high.lo() != 0
        || high.hi() != 0) {
      return Page.fault(0x42);
    }
    int refusal = refusal(low);
    if (refusal != 0) {
      return Page.fault(refusal);
    }
    boolean permissionTable = has(low, HPTE);
    if (ask.isTranslated() && !permissionTable) {
      return HostPermissions.plain(walk);
    }
    int requesterPasid = walk.facts.requesterPasid() ? (int) low.hi() & 0xfffff : 0;
    boolean requesterPrivilege = walk.facts.requesterPrivilege() && (low.hi() >>> 20 & 1) != 0;
    int pasid = ask.hasPasid() ? PasidPrefix.pasid(ask.prefix()) : requesterPasid;
    boolean privileged =
        ask.hasPasid() ? PasidPrefix.isPrivileged(ask.prefix()) : requesterPrivilege;
    return new PasidTables(walk, privileged, permissionTable).directory(low.lo() & -4096L, pasid);
  }

  private long reservedLow() {
    return -1L << walk.facts.hostAddressBits()
        | 0x180
        | unless(walk.facts.deviceTlbs(), DTE)
        | unless(walk.facts.pasids(), PASIDE)
        | unless(walk.facts.pageRequests(), PRE)
        | unless(walk.facts.hostPermissionTables(), HPTE)
        | unless(walk.facts.translatedPasids(), EPTR);
  }

  private long reservedHigh() {
    return 0xffff_ffff_ffe0_0000L
        | unless(walk.facts.requesterPrivilege(), 20)
        | (walk.facts.requesterPasid() ? 0 : 0xfffff);
  }

  private static long unless(boolean feature, int bit) {
    return feature ? 0 : 1L << bit;
  }

  private static boolean has(Entry context, int bit) {
    return (context.lo() >>> bit & 1) != 0;
  }

  /// 3.7 to 3.16.
  private int refusal(Entry context) {
    boolean devices = has(context, DTE);
    boolean pasids = has(context, PASIDE);
    boolean translatedPasids = has(context, EPTR);
    long largest = (1L << (context.lo() >>> 9 & 7) + 13) - 1;
    long requesterPasid = context.hi() & 0xfffff;
    boolean otherWithPasid = ask.hasPasid() && !ask.isTranslated() && !ask.isPage();
    if (!devices && has(context, PRE)
        || requesterPasid > largest
        || translatedPasids && !pasids && !otherWithPasid) {
      return 0x43;
    }
    if (!devices && (ask.isTranslation() || ask.isTranslated())) {
      return 0x44;
    }
    if (ask.isPage() && !has(context, PRE)) {
      return 0x47;
    }
    if (!ask.hasPasid()) {
      return 0;
    }
    if (!pasids && !ask.isTranslated()) {
      return 0x45;
    }
    if (ask.isTranslated() && !translatedPasids) {
      return 0x49;
    }
    return pasidRefusal(PasidPrefix.pasid(ask.prefix()), requesterPasid, largest);
  }

  private int pasidRefusal(int pasid, long requesterPasid, long largest) {
    if (!ask.isPage() && pasid > (1L << walk.facts.pasidBits()) - 1) {
      return 0x89;
    }
    if (pasid > largest) {
      return 0x46;
    }
    return pasid == requesterPasid ? 0x48 : 0;
  }
}
