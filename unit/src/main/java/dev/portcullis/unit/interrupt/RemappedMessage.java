package dev.portcullis.unit.interrupt;

import dev.portcullis.spec.interrupt.CompatibilityFormat;
import dev.portcullis.spec.interrupt.DeliveryMode;
import dev.portcullis.spec.interrupt.InterruptEntry;

/// What an entry in remapped format makes of an interrupt: nothing of the request is left.
///
/// @vtd 5.1.4 Interrupt-Remapping Hardware Operation
final class RemappedMessage {
  private RemappedMessage() {}

  /// Address of the message.
  ///
  /// @param extended whether destinations have 32 bits
  static long address(InterruptEntry entry, boolean extended) {
    long lo = entry.lo();
    long routing =
        (InterruptEntry.RH.isSet(lo) ? CompatibilityFormat.RH.mask() : 0)
            | (InterruptEntry.DM.isSet(lo) ? CompatibilityFormat.DM.mask() : 0);
    return CompatibilityFormat.addressOf(entry.destination(extended), routing);
  }

  /// Data of the message.
  static int data(InterruptEntry entry) {
    int mode = entry.deliveryMode();
    boolean level = InterruptEntry.TM.isSet(entry.lo()) && hasTriggerMode(mode);
    return CompatibilityFormat.dataOf(
        level ? CompatibilityFormat.TM.mask() : 0, mode, entry.vector());
  }

  private static boolean hasTriggerMode(int mode) {
    return mode == DeliveryMode.FIXED.code() || mode == DeliveryMode.LOWEST_PRIORITY.code();
  }
}
