package dev.portcullis.devices.atc;

import dev.portcullis.pci.AddressType;
import dev.portcullis.pci.AtomicOperation;
import dev.portcullis.pci.AtsEntry;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.Pasid;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.MemorySegment;

/// Memory at the addresses that software gives a device, of one address space or of many: each
/// access lies inside a 4-KiB page, and goes with a translated address if software lets the device
/// use them, else with an untranslated one.
///
/// Accesses never have No Snoop, so that what a translation says of it is always obeyed.
public final class VirtualMemory {
  private final TranslationCache cache;
  private final Pasid pasid;
  private final UpstreamPort port;

  /// How an access ended.
  public enum Access {
    DONE,
    /// The page is missing, or lacks the right: software may be asked for it.
    MISSING,
    /// Nobody took the request.
    REFUSED,
    /// Whoever took the request broke down.
    ABORTED;

    private static Access of(Completion completion) {
      return switch (completion) {
        case SUCCESS -> DONE;
        case UNSUPPORTED_REQUEST -> REFUSED;
        case COMPLETER_ABORT -> ABORTED;
      };
    }
  }

  /// One request, once its address is known.
  private interface Step {
    Completion at(AddressType type, int prefix, long address);
  }

  /// The memory of a device without PASIDs.
  VirtualMemory(TranslationCache cache, UpstreamPort port) {
    this(cache, new Pasid(), port);
  }

  /// @param pasid where software says whether requests may have a PASID
  public VirtualMemory(TranslationCache cache, Pasid pasid, UpstreamPort port) {
    this.cache = cache;
    this.pasid = pasid;
    this.port = port;
  }

  /// Reads `lengthBytes` bytes at `iova`.
  ///
  /// @param prefix a [PasidPrefix], or none
  public Access read(int prefix, long iova, MemorySegment to, long toOffset, long lengthBytes) {
    return access(
        prefix,
        iova,
        Wanted.READ,
        (type, with, address) -> port.read(type, with, address, to, toOffset, lengthBytes));
  }

  /// Writes `lengthBytes` bytes to `iova`.
  ///
  /// @param prefix a [PasidPrefix], or none
  public Access write(
      int prefix, long iova, MemorySegment from, long fromOffset, long lengthBytes) {
    return access(
        prefix,
        iova,
        Wanted.WRITE,
        (type, with, address) -> port.write(type, with, address, from, fromOffset, lengthBytes));
  }

  /// Carries out `operation` at `iova`, a multiple of its width.
  ///
  /// @param prefix a [PasidPrefix], or none
  public Access atomic(int prefix, long iova, AtomicOperation operation) {
    return access(
        prefix,
        iova,
        Wanted.BOTH,
        (type, with, address) -> port.atomic(type, with, address, operation));
  }

  private Access access(int prefix, long iova, Wanted wanted, Step step) {
    if (!isAllowed(prefix)) {
      return Access.REFUSED;
    }
    cache.enter();
    try {
      if (cache.isInUse()) {
        long translation = cache.translate(prefix, iova, wanted);
        if (translation >= 0) {
          return accessAt(prefix, iova, translation, wanted, step);
        }
        if (AtsEntry.completion(translation) == Completion.COMPLETER_ABORT) {
          return Access.ABORTED;
        }
      }
      return Access.of(step.at(AddressType.UNTRANSLATED, prefix, iova));
    } finally {
      cache.exit();
    }
  }

  private Access accessAt(int prefix, long iova, long translation, Wanted wanted, Step step) {
    if (!wanted.isGrantedBy(translation)) {
      return Access.MISSING;
    }
    if ((translation & AtsEntry.U) != 0) {
      return Access.of(step.at(AddressType.UNTRANSLATED, prefix, iova));
    }
    int with = pasid.allows(Pasid.Feature.TRANSLATED) ? prefix : PasidPrefix.NONE;
    long offset = iova & (1L << AtsEntry.pageLog2(translation)) - 1;
    return Access.of(step.at(AddressType.TRANSLATED, with, AtsEntry.page(translation) + offset));
  }

  /// Whether software lets requests have this prefix.
  private boolean isAllowed(int prefix) {
    return !PasidPrefix.isPresent(prefix)
        || pasid.isEnabled()
            && (!PasidPrefix.isPrivileged(prefix) || pasid.allows(Pasid.Feature.PRIVILEGED))
            && (!PasidPrefix.isExecute(prefix) || pasid.allows(Pasid.Feature.EXECUTE));
  }
}
