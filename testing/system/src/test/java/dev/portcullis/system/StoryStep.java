package dev.portcullis.system;

import dev.portcullis.management.containment.ContainmentState;
import dev.portcullis.management.enforcement.AccessLevel;

/// The steps of the story, in order, and how the user's partition stands after each.
enum StoryStep {
  /// What it boots from is what the manifest says.
  BOOTS_VERIFIED(Story::bootsVerified, ContainmentState.NORMAL, AccessLevel.CONDITIONAL),

  /// Its client is old: the network is not for it, but help is.
  HAS_CONDITIONAL_ACCESS(
      Story::hasConditionalAccess, ContainmentState.NORMAL, AccessLevel.CONDITIONAL),

  /// It fetches the client of today from the host that helps.
  IS_REMEDIED(Story::isRemedied, ContainmentState.NORMAL, AccessLevel.UNRESTRICTED),

  /// Malware has a device write to the kernel's text, in vain.
  IS_ATTACKED_BY_DEVICE(
      Story::malwareTriesItsDevice, ContainmentState.SUSPECTED, AccessLevel.UNRESTRICTED),

  /// Malware writes there by itself, is found, and is cut off with its partition.
  IS_PATCHED(Story::malwarePatchesTheKernel, ContainmentState.CONTAINED, AccessLevel.REMEDIATION),

  /// Only help is reached; malware spoils the disk.
  IS_CONTAINED(Story::isContained, ContainmentState.CONTAINED, AccessLevel.REMEDIATION),

  /// It is put back onto its safe image, and boots that.
  IS_REBUILT(Story::isRebuilt, ContainmentState.REMEDIATING, AccessLevel.REMEDIATION),

  /// It is looked at, and brought up to date as before.
  IS_VERIFIED(Story::isVerified, ContainmentState.VERIFIED, AccessLevel.REMEDIATION),

  /// It is trusted.
  IS_TRUSTED(Story::isTrusted, ContainmentState.NORMAL, AccessLevel.UNRESTRICTED);

  private final Deed deed;
  private final ContainmentState state;
  private final AccessLevel access;

  /// Something that is done, and looked at.
  private interface Deed {
    void in(Story story) throws Exception;
  }

  StoryStep(Deed deed, ContainmentState state, AccessLevel access) {
    this.deed = deed;
    this.state = state;
    this.access = access;
  }

  /// Does it; whatever must come of it does, or this throws.
  void tell(Story story) throws Exception {
    deed.in(story);
  }

  /// How the user's partition is contained then.
  ContainmentState state() {
    return state;
  }

  /// How much of the network it has then.
  AccessLevel access() {
    return access;
  }
}
