package dev.portcullis.spec.register;

import dev.portcullis.spec.BitField;
import java.util.Optional;

/// A field of a register and what software may do to it.
///
/// @param bits where it is
/// @param access what software may do to it
/// @param needs the feature without which the field is reserved
public record RegisterField(BitField bits, Access access, Optional<Feature> needs) {

  /// A field every unit has that has the register.
  public static RegisterField field(BitField bits, Access access) {
    return new RegisterField(bits, access, Optional.empty());
  }

  /// A field that is reserved on a unit without `needs`.
  public static RegisterField field(BitField bits, Access access, Feature needs) {
    return new RegisterField(bits, access, Optional.of(needs));
  }
}
