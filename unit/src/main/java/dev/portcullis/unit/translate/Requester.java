package dev.portcullis.unit.translate;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.ExtendedCapability;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.cache.Context;
import dev.portcullis.unit.cache.Pasid;
import dev.portcullis.unit.cache.PasidCache;
import dev.portcullis.unit.cache.TranslationCaches;
import dev.portcullis.unit.lookup.PasidLookup;
import dev.portcullis.unit.lookup.ScalableContextLookup;
import dev.portcullis.unit.lookup.Tally;
import dev.portcullis.unit.request.RequestKind;

/// Who makes a request in scalable mode, and what the context entry lets it do: section 3 of the
/// checks, in the order of their numbers.
///
/// @vtd 3.4.3 Scalable Mode Address Translation
final class Requester {
  private final KnownContexts contexts;
  private final PasidCache pasids;
  private final PasidLookup pasidLookup;
  private final boolean cachingMode;
  private final int pasidBits;

  Requester(MemoryMap memory, Capabilities capabilities, TranslationCaches caches) {
    this.pasids = caches.pasids();
    this.pasidLookup = new PasidLookup(memory, caches, capabilities);
    this.cachingMode = capabilities.has(Feature.CACHING_MODE);
    ScalableContextLookup tables = new ScalableContextLookup(memory, capabilities);
    this.contexts = new KnownContexts(caches.contexts(), tables::fetch, 3, cachingMode);
    this.pasidBits = ExtendedCapability.PSS.intOf(capabilities.extended().word()) + 1;
  }

  /// The [Context] of the requester; its PASID directory is in the scratch of `walker`.
  long context(Regime now, Walker walker) {
    return contexts.of(now, walker);
  }

  /// Why `context` refuses the request of `walker`, or `null`.
  FaultReason refusal(long context, Walker walker) {
    if (Context.isRefused(context)) {
      return FaultReason.of(Context.reasonCode(context)).orElseThrow(); // 3.1 to 3.8
    }
    boolean pasid = PasidPrefix.isPresent(walker.prefix);
    boolean contradictory =
        Context.allowsTranslatedPasids(context) && !Context.allowsPasids(context);
    if (contradictory && (!pasid || walker.isTranslated() || isPage(walker))) {
      return FaultReason.SCALABLE_CONTEXT_INVALID; // 3.9
    }
    boolean ats = walker.isTranslation() || walker.isTranslated();
    if (ats && !Context.allowsDeviceTlb(context)) {
      return FaultReason.DEVICE_TLB_DISABLED; // 3.10
    }
    if (isPage(walker) && !Context.allowsPageRequests(context)) {
      return FaultReason.PAGE_REQUEST_DISABLED; // 3.11
    }
    return pasid ? refusalOfPasid(context, walker) : null;
  }

  private FaultReason refusalOfPasid(long context, Walker walker) {
    int pasid = PasidPrefix.pasid(walker.prefix);
    if (!walker.isTranslated() && !Context.allowsPasids(context)) {
      return FaultReason.PASID_DISABLED; // 3.12
    }
    if (walker.isTranslated() && !Context.allowsTranslatedPasids(context)) {
      return FaultReason.PASID_IN_TRANSLATED_REQUEST; // 3.13
    }
    if (!isPage(walker) && pasid >>> pasidBits != 0) {
      return FaultReason.PASID_BEYOND_WIDTH; // 3.14
    }
    if (pasid >>> Context.pasidBits(context) != 0) {
      return FaultReason.PASID_BEYOND_DIRECTORY; // 3.15
    }
    return pasid == Context.requesterPasid(context)
        ? FaultReason.PASID_IS_REQUESTERS_OWN // 3.16
        : null;
  }

  /// Whether a request without PASID of `context`, or one with the prefix `prefix` that is neither
  /// privileged nor for execution, has nothing to fear from the context: as [#refusal], for the hot
  /// path.
  boolean isHarmless(long context, int prefix) {
    int pasid = PasidPrefix.pasid(prefix);
    return Context.allowsPasids(context)
        && pasid >>> pasidBits == 0
        && pasid >>> Context.pasidBits(context) == 0
        && pasid != Context.requesterPasid(context);
  }

  private static boolean isPage(Walker walker) {
    return walker.kind() == RequestKind.PAGE;
  }

  /// The PASID table entry for the request of `walker`.
  Pasid pasid(long context, Walker walker) {
    int number =
        PasidPrefix.isPresent(walker.prefix)
            ? PasidPrefix.pasid(walker.prefix)
            : Context.requesterPasid(context);
    Tally tally = walker.scratch.tally;
    tally.pasidLookups++;
    Pasid known = pasids.lookup(walker.sourceId, number);
    if (known != null) {
      tally.pasidHits++;
      return known;
    }
    walker.pasids++;
    tally.memoryReads += 5;
    Pasid fetched =
        pasidLookup.fetch(
            walker.scratch.table,
            walker.sourceId,
            number,
            Context.hasHostPermissions(context),
            walker.scratch);
    if (fetched.kind != Pasid.Kind.REFUSED || cachingMode && isOwnFault(fetched.refusal)) {
      pasids.fill(fetched, walker.epoch);
    }
    return fetched;
  }

  private static boolean isOwnFault(FaultReason reason) {
    return reason != FaultReason.PASID_DIRECTORY_FETCH_FAILED
        && reason != FaultReason.PASID_FETCH_FAILED;
  }

  /// Whether the request of `walker` is a privileged one.
  boolean isPrivileged(long context, Walker walker) {
    return PasidPrefix.isPresent(walker.prefix)
        ? PasidPrefix.isPrivileged(walker.prefix)
        : Context.isPrivileged(context);
  }
}
