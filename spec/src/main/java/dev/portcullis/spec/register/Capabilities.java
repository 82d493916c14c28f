package dev.portcullis.spec.register;

import dev.portcullis.spec.BitField;

/// What a remapping unit announces of itself: everything that decides how it reads tables and obeys
/// commands.
///
/// @param majorVersion 0 to 15
/// @param minorVersion 0 to 15
/// @param capability the CAP register
/// @param extended the ECAP register
/// @param hostAddressBits width of a host physical address (HAW), 12 to 52; announced by the DMAR
///   table and not by a register
/// @vtd 11.4.1 Version Register
public record Capabilities(
    int majorVersion,
    int minorVersion,
    Capability capability,
    ExtendedCapability extended,
    int hostAddressBits) {

  /// Major version in the VER register.
  public static final BitField MAX = BitField.bits("MAX", 7, 4);

  /// Minor version in the VER register.
  public static final BitField MIN = BitField.bits("MIN", 3, 0);

  public Capabilities {
    if ((majorVersion & ~15) != 0 || (minorVersion & ~15) != 0) {
      throw new IllegalArgumentException(
          "no such version: " + majorVersion + "." + minorVersion + " (each part is 0 to 15)");
    }
    if (hostAddressBits < 12 || hostAddressBits > 52) {
      throw new IllegalArgumentException(
          "host address width of " + hostAddressBits + " bits (12 to 52)");
    }
  }

  /// Value of the VER register.
  public long versionWord() {
    return MAX.encode(majorVersion) | MIN.encode(minorVersion);
  }

  /// Whether the unit announces `feature`.
  public boolean has(Feature feature) {
    return feature
        .field()
        .isSet(
            switch (feature.word()) {
              case CAP -> capability.word();
              case ECAP -> extended.word();
            });
  }

  /// Whether invalidations drain whatever their flags say.
  public boolean alwaysDrains() {
    return majorVersion >= 2;
  }

  /// Whether CCMD, IVA and IOTLB still do anything.
  public boolean invalidatesByRegister() {
    return majorVersion <= 5;
  }

  /// Bits [63:HAW]: those an address field must leave 0.
  public long beyondHostAddress() {
    return -1L << hostAddressBits;
  }
}
