package dev.portcullis.pci;

import java.util.EnumSet;
import java.util.Set;

/// Requests with a process address space id.
///
/// ```
///       31                 16 15      12   8      3   2   1  0
///  +00  next |    version     |        id 001bh
///  +04  control               |       width    TWP PRV EXE   capability
///            TWP=3 PRV=2 EXE=1 E=0
/// ```
///
/// @pcie 7.8.8 PASID Extended Capability Structure
public final class Pasid extends Capability {
  private static final int CAPABILITY = 0x04;
  private static final int CONTROL = 0x06;
  private static final int ENABLE = 1;
  private static final int WIDTH_SHIFT = 8;

  /// What requests with a PASID may do besides having one.
  public enum Feature {
    /// Ask for the right to execute.
    EXECUTE(1 << 1),
    /// Be privileged.
    PRIVILEGED(1 << 2),
    /// Have translated addresses.
    TRANSLATED(1 << 3);

    private final int bit;

    Feature(int bit) {
      this.bit = bit;
    }
  }

  private final int widthBits;
  private final int features;
  private volatile int control;

  /// @param widthBits how wide the function's PASIDs are, 1 to 20
  /// @param features what software can allow
  public Pasid(int widthBits, Set<Feature> features) {
    super(Space.EXTENDED, 0x001b, 0x08);
    if (widthBits < 1 || widthBits > 20) {
      throw new IllegalArgumentException("a PASID has 1 to 20 bits: " + widthBits);
    }
    this.widthBits = widthBits;
    this.features = bits(features);
  }

  /// Ids of 20 bits, and all features.
  public Pasid() {
    this(20, EnumSet.allOf(Feature.class));
  }

  private static int bits(Set<Feature> features) {
    int bits = 0;
    for (Feature feature : features) {
      bits |= feature.bit;
    }
    return bits;
  }

  @Override
  protected void declare() {
    register(CAPABILITY, 2, widthBits << WIDTH_SHIFT | features, 0);
    register(CONTROL, 2, 0, ENABLE | features);
  }

  @Override
  protected void afterWrite() {
    control = (int) read(CONTROL, 2);
  }

  @Override
  protected void reset() {
    control = 0;
  }

  /// How many bits a PASID of this function has.
  public int widthBits() {
    return widthBits;
  }

  /// Whether software lets requests have a PASID.
  public boolean isEnabled() {
    return (control & ENABLE) != 0;
  }

  /// Whether software lets requests with a PASID do this.
  public boolean allows(Feature feature) {
    return isEnabled() && (control & feature.bit) != 0;
  }
}
