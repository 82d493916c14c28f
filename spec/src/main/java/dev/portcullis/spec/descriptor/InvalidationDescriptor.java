package dev.portcullis.spec.descriptor;

import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.QueueError;

/// A 128-bit entry of the invalidation queue.
///
/// Decoding never throws: what cannot be carried out comes back as [Invalid].
///
/// @vtd 6.5.2 Queued Invalidation Interface
public sealed interface InvalidationDescriptor {
  /// Size of a 128-bit descriptor.
  int BYTES = 16;

  /// Low bits of the type, in the low half of every descriptor.
  BitField TYPE_LOW = bits("TYPE[3:0]", 3, 0);

  /// High bits of the type; 0 in every type there is.
  BitField TYPE_HIGH = bits("TYPE[6:4]", 11, 9);

  /// Something that can be carried out: its two words are [#lo] and [#hi].
  sealed interface Valid extends InvalidationDescriptor
      permits ContextCacheInvalidate, IotlbInvalidate, InvalidationWait {
    /// Bits 63 to 0.
    long lo();

    /// Bits 127 to 64.
    long hi();
  }

  /// Something the queue stops at.
  record Invalid(QueueError error) implements InvalidationDescriptor {}

  /// What the words `lo` and `hi` ask a unit with `capabilities` to do.
  static InvalidationDescriptor decode(long lo, long hi, Capabilities capabilities) {
    return switch (type(lo)) {
      case ContextCacheInvalidate.TYPE -> ContextCacheInvalidate.decode(lo, hi);
      case IotlbInvalidate.TYPE -> IotlbInvalidate.decode(lo, hi, capabilities.capability());
      case InvalidationWait.TYPE ->
          InvalidationWait.decode(lo, hi, capabilities.has(Feature.PAGE_REQUEST_DRAIN));
      default -> new Invalid(QueueError.INVALID_TYPE);
    };
  }

  /// The 7-bit type of the descriptor whose low half is `lo`.
  static int type(long lo) {
    return TYPE_HIGH.intOf(lo) << 4 | TYPE_LOW.intOf(lo);
  }
}
