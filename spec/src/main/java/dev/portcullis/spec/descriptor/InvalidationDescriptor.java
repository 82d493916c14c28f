package dev.portcullis.spec.descriptor;

import static dev.portcullis.spec.BitField.bits;

import dev.portcullis.spec.BitField;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.QueueError;
import dev.portcullis.spec.register.TableMode;

/// An entry of the invalidation queue: 128 or 256 bits wide, as the queue is. No type there is uses
/// bits 255 to 128: they are 0 in a wide queue.
///
/// Decoding never throws: what cannot be carried out comes back as [Invalid].
///
/// @vtd 6.5.2 Queued Invalidation Interface
public sealed interface InvalidationDescriptor {
  /// Size of a 128-bit descriptor.
  int BYTES = 16;

  /// Size of a 256-bit descriptor.
  int WIDE_BYTES = 32;

  /// Low bits of the type, in the low half of every descriptor.
  BitField TYPE_LOW = bits("TYPE[3:0]", 3, 0);

  /// High bits of the type; 0 in every type there is.
  BitField TYPE_HIGH = bits("TYPE[6:4]", 11, 9);

  /// Something that can be carried out: its two lower words are [#lo] and [#hi], the others 0.
  sealed interface Valid extends InvalidationDescriptor
      permits ContextCacheInvalidate,
          IotlbInvalidate,
          DeviceTlbInvalidate,
          InterruptCacheInvalidate,
          InvalidationWait,
          PasidIotlbInvalidate,
          PasidCacheInvalidate,
          PasidDeviceTlbInvalidate,
          PageGroupResponse,
          PermissionCacheInvalidate {
    /// Bits 63 to 0.
    long lo();

    /// Bits 127 to 64.
    long hi();
  }

  /// Something the queue stops at.
  record Invalid(QueueError error) implements InvalidationDescriptor {}

  /// What the words `lo` and `hi` ask a unit with `capabilities` to do in legacy mode.
  static InvalidationDescriptor decode(long lo, long hi, Capabilities capabilities) {
    return decode(lo, hi, 0, TableMode.LEGACY, capabilities);
  }

  /// What the words `lo` and `hi` ask a unit with `capabilities` to do.
  ///
  /// @param beyond bits of the words after them in a wide descriptor, or-ed together; else 0
  /// @param mode the table mode in force, which decides what types there are
  static InvalidationDescriptor decode(
      long lo, long hi, long beyond, TableMode mode, Capabilities capabilities) {
    int type = type(lo);
    if (!isKnown(type, mode, capabilities)) {
      return new Invalid(QueueError.INVALID_TYPE);
    }
    return beyond == 0
        ? ofKnownType(type, lo, hi, capabilities)
        : new Invalid(QueueError.RESERVED_FIELD);
  }

  private static InvalidationDescriptor ofKnownType(
      int type, long lo, long hi, Capabilities capabilities) {
    return switch (type) {
      case ContextCacheInvalidate.TYPE -> ContextCacheInvalidate.decode(lo, hi);
      case IotlbInvalidate.TYPE -> IotlbInvalidate.decode(lo, hi, capabilities.capability());
      case DeviceTlbInvalidate.TYPE -> DeviceTlbInvalidate.decode(lo, hi, capabilities);
      case InterruptCacheInvalidate.TYPE ->
          InterruptCacheInvalidate.decode(lo, hi, capabilities.extended());
      case InvalidationWait.TYPE ->
          InvalidationWait.decode(lo, hi, capabilities.has(Feature.PAGE_REQUEST_DRAIN));
      case PasidIotlbInvalidate.TYPE -> PasidIotlbInvalidate.decode(lo, hi);
      case PasidCacheInvalidate.TYPE -> PasidCacheInvalidate.decode(lo, hi);
      case PasidDeviceTlbInvalidate.TYPE -> PasidDeviceTlbInvalidate.decode(lo, hi, capabilities);
      case PageGroupResponse.TYPE -> PageGroupResponse.decode(lo, hi);
      default -> PermissionCacheInvalidate.decode(lo, hi);
    };
  }

  private static boolean isKnown(int type, TableMode mode, Capabilities capabilities) {
    boolean pasids = mode == TableMode.SCALABLE || mode == TableMode.ABORT;
    return switch (type) {
      case ContextCacheInvalidate.TYPE, IotlbInvalidate.TYPE, InvalidationWait.TYPE -> true;
      case InterruptCacheInvalidate.TYPE -> capabilities.has(Feature.INTERRUPT_REMAPPING);
      case DeviceTlbInvalidate.TYPE -> capabilities.has(Feature.DEVICE_TLBS);
      case PasidIotlbInvalidate.TYPE, PasidCacheInvalidate.TYPE -> pasids;
      case PasidDeviceTlbInvalidate.TYPE -> pasids && capabilities.has(Feature.DEVICE_TLBS);
      case PageGroupResponse.TYPE -> pasids && capabilities.has(Feature.PAGE_REQUESTS);
      case PermissionCacheInvalidate.TYPE ->
          pasids && capabilities.has(Feature.HOST_PERMISSION_TABLES);
      default -> false;
    };
  }

  /// The 7-bit type of the descriptor whose low half is `lo`.
  static int type(long lo) {
    return TYPE_HIGH.intOf(lo) << 4 | TYPE_LOW.intOf(lo);
  }
}
