package dev.portcullis.machine.wiring;

import dev.portcullis.pci.AddressType;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.register.ExtendedCapability;
import dev.portcullis.spec.register.GlobalRegisters;
import dev.portcullis.unit.RemappingUnit;

/// What goes with the address of a request, as one `int`: the [PasidPrefix] in bits 23 to 0, the
/// address type in bits 25 and 24.
///
/// @pcie 10.2.1 Memory Requests with Address Type
final class Envelope {
  /// An untranslated address without PASID.
  static final int PLAIN = 0;

  private static final int TYPE_SHIFT = 24;
  private static final int PREFIX = (1 << TYPE_SHIFT) - 1;

  /// What the root complex does with a request.
  enum Treatment {
    /// The unit translates its address.
    TRANSLATE,
    /// The unit checks whether the requester may use translated addresses.
    CHECK,
    /// Nobody takes it: unsupported request.
    REFUSE
  }

  /// What depends on the unit.
  ///
  /// @param pasidInTranslated whether translated requests may have a PASID
  record Rules(boolean pasidInTranslated) {

    /// A translation request is none of these, and comes by itself; whatever else has its address
    /// type is malformed, or a write, which is unsupported.
    Treatment treatmentOf(int envelope) {
      int type = envelope >> TYPE_SHIFT;
      if (type == AddressType.UNTRANSLATED.ordinal()) {
        return Treatment.TRANSLATE;
      }
      boolean checked =
          type == AddressType.TRANSLATED.ordinal()
              && (pasidInTranslated || !PasidPrefix.isPresent(prefix(envelope)));
      return checked ? Treatment.CHECK : Treatment.REFUSE;
    }
  }

  private Envelope() {}

  static int of(AddressType type, int prefix) {
    return type.ordinal() << TYPE_SHIFT | prefix & PREFIX;
  }

  static int prefix(int envelope) {
    return envelope & PREFIX;
  }

  /// The rules of requests to `unit`.
  static Rules rulesOf(RemappingUnit unit) {
    long announced = unit.readRegister(GlobalRegisters.ECAP.offset(), Long.BYTES);
    return new Rules(ExtendedCapability.PTRS.isSet(announced));
  }
}
