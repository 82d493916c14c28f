package dev.portcullis.unit.interrupt;

import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.interrupt.DeliveryMode;
import dev.portcullis.spec.interrupt.InterruptEntry;
import dev.portcullis.spec.interrupt.SourceCheck;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;

/// What must be in order in an interrupt remapping entry before it is used, with the numbers of the
/// steps: presence, the source, then reserved bits.
///
/// @vtd 5.1.4 Interrupt-Remapping Hardware Operation
final class EntryChecks {
  /// The bits of a source-id that SQ lets count.
  private static final int[] COUNTED = {0xffff, 0xfffb, 0xfff9, 0xfff8};

  /// The delivery modes that exist, as bits.
  private static final int DELIVERY_MODES = deliveryModes();

  private final long beyondHostAddress;
  private final boolean posting;

  EntryChecks(Capabilities capabilities) {
    this.beyondHostAddress = capabilities.beyondHostAddress();
    this.posting = capabilities.has(Feature.POSTED_INTERRUPTS);
  }

  private static int deliveryModes() {
    int modes = 0;
    for (DeliveryMode mode : DeliveryMode.values()) {
      modes |= 1 << mode.code();
    }
    return modes;
  }

  /// Why `entry` serves no request of `sourceId`, or `null`.
  ///
  /// @param extended whether destinations have 32 bits
  FaultReason refusal(InterruptEntry entry, int sourceId, boolean extended) {
    if (!entry.isPresent()) {
      return FaultReason.INTERRUPT_ENTRY_NOT_PRESENT; // 11
    }
    if (!isFor(entry, sourceId)) {
      return FaultReason.SOURCE_NOT_VALID; // 12
    }
    return hasReservedBits(entry, extended)
        ? FaultReason.INTERRUPT_ENTRY_RESERVED_BITS // 13
        : null;
  }

  /// Whether `entry` itself is at fault, whoever uses it.
  boolean isFaulty(InterruptEntry entry, boolean extended) {
    return !entry.isPresent() || hasReservedBits(entry, extended);
  }

  /// A validation type that is reserved names no source: that is a matter of reserved bits.
  private static boolean isFor(InterruptEntry entry, int sourceId) {
    int named = entry.sourceId();
    return switch (entry.sourceValidation()) {
      case SourceCheck.SVT_REQUESTER ->
          ((sourceId ^ named) & COUNTED[entry.sourceQualifier()]) == 0;
      case SourceCheck.SVT_BUSES -> {
        int bus = sourceId >>> 8 & 0xff;
        yield bus >= named >>> 8 && bus <= (named & 0xff);
      }
      default -> true;
    };
  }

  private boolean hasReservedBits(InterruptEntry entry, boolean extended) {
    if (entry.sourceValidation() == SourceCheck.SVT_RESERVED) {
      return true;
    }
    return entry.isPosted() ? postedHas(entry) : remappedHas(entry, extended);
  }

  private boolean postedHas(InterruptEntry entry) {
    return !posting
        || (entry.lo() & InterruptEntry.POSTED_RESERVED_LOW) != 0
        || (entry.hi() & InterruptEntry.POSTED_RESERVED_HIGH) != 0
        || (entry.descriptor() & beyondHostAddress) != 0;
  }

  private static boolean remappedHas(InterruptEntry entry, boolean extended) {
    long low =
        extended
            ? InterruptEntry.REMAPPED_RESERVED_LOW
            : InterruptEntry.REMAPPED_RESERVED_LOW | InterruptEntry.UNEXTENDED_RESERVED_LOW;
    return (entry.lo() & low) != 0
        || (entry.hi() & InterruptEntry.REMAPPED_RESERVED_HIGH) != 0
        || (DELIVERY_MODES >> entry.deliveryMode() & 1) == 0;
  }
}
