package dev.portcullis.driver.discovery;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.DriverException.Reason;
import dev.portcullis.driver.port.RegisterPort;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Capability;
import dev.portcullis.spec.register.ExtendedCapability;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.GlobalRegisters;
import dev.portcullis.spec.register.TableMode;

/// Asks a unit what it is, and refuses what the driver cannot work with.
///
/// @vtd 11.4.1 Version Register
/// @vtd 11.4.2 Capability Register
/// @vtd 11.4.3 Extended Capability Register
public final class Discovery {
  private static final int RESERVED_ND = 7;

  private Discovery() {}

  /// What the unit behind `registers` announces.
  ///
  /// @param hostAddressBits width of a host physical address, from the DMAR table
  /// @throws DriverException [Reason#UNSUPPORTED] if there is no unit, or what it says cannot be
  public static Capabilities discover(RegisterPort registers, int hostAddressBits)
      throws DriverException {
    int version = registers.read32(GlobalRegisters.VER.offset());
    long capability = registers.read64(GlobalRegisters.CAP.offset());
    long extended = registers.read64(GlobalRegisters.ECAP.offset());
    demand(version != -1 && (capability & extended) != -1, "no unit answers: all ones");
    demand(capability != 0, "no unit answers: CAP is 0");
    demand(
        hostAddressBits >= 12 && hostAddressBits <= 52,
        "host address width of " + hostAddressBits + " bits");
    Capabilities found =
        new Capabilities(
            Capabilities.MAX.intOf(version),
            Capabilities.MIN.intOf(version),
            new Capability(capability),
            new ExtendedCapability(extended),
            hostAddressBits);
    check(found);
    return found;
  }

  private static void check(Capabilities found) throws DriverException {
    demand(
        Capability.ND.intOf(found.capability().word()) != RESERVED_ND,
        "the number of domain-ids is a reserved value");
    boolean queue = found.has(Feature.QUEUED_INVALIDATION);
    demand(
        queue || found.invalidatesByRegister(),
        "the unit has neither an invalidation queue nor invalidation registers");
    demand(
        queue || !found.has(Feature.SCALABLE_MODE) && !found.has(Feature.INTERRUPT_REMAPPING),
        "the unit has scalable mode or interrupt remapping, and no invalidation queue");
    demand(
        legacyLevels(found) || found.has(Feature.SCALABLE_MODE),
        "legacy mode without an address width, and no scalable mode");
  }

  private static boolean legacyLevels(Capabilities found) {
    return Capability.SAGAW.isSet(found.capability().word());
  }

  /// The mode a unit with `found` works best in.
  public static TableMode bestMode(Capabilities found) {
    return supports(found, TableMode.SCALABLE) ? TableMode.SCALABLE : TableMode.LEGACY;
  }

  /// Whether a unit with `found` can be driven in `mode`.
  public static boolean supports(Capabilities found, TableMode mode) {
    return switch (mode) {
      case LEGACY -> legacyLevels(found);
      case SCALABLE ->
          found.has(Feature.SCALABLE_MODE)
              && (found.has(Feature.FIRST_STAGE)
                  || found.has(Feature.SECOND_STAGE)
                  || found.has(Feature.PASS_THROUGH));
      case RESERVED, ABORT -> false;
    };
  }

  private static void demand(boolean condition, String complaint) throws DriverException {
    if (!condition) {
      throw new DriverException(Reason.UNSUPPORTED, complaint);
    }
  }
}
