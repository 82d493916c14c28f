package dev.portcullis.unit;

import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.policy.Bit62;
import dev.portcullis.unit.policy.CacheSizes;
import dev.portcullis.unit.policy.FaultCollapse;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/// What a unit is: what it announces, how large its caches are, and the choices the architecture
/// leaves to it.
///
/// @param capabilities what CAP, ECAP and VER say
/// @param caches sizes of the caches
/// @param faultCollapse what happens to a fault of a requester that has one in the log already
/// @param bit62 how bit 62 of a second-stage entry is taken
/// @param deviceTlbTimeLimit how long a device has to forget translations, more than 0
public record UnitConfiguration(
    Capabilities capabilities,
    CacheSizes caches,
    FaultCollapse faultCollapse,
    Bit62 bit62,
    Duration deviceTlbTimeLimit) {

  /// A ready-made configuration, known by name to machine files.
  public enum Preset {
    /// Legacy mode with queued invalidation, 39- and 48-bit addresses, 2-MiB and 1-GiB pages.
    LEGACY("legacy"),
    /// The same with caching mode: software must invalidate when it adds a mapping, too.
    CACHING_MODE("caching-mode"),
    /// The same without a queue: software invalidates by register.
    REGISTER_BASED("register-based");

    private final String key;

    Preset(String key) {
      this.key = key;
    }

    /// Name in machine files.
    public String key() {
      return key;
    }

    /// A builder that starts from this preset.
    public UnitConfigurationBuilder builder() {
      UnitConfigurationBuilder legacy = new UnitConfigurationBuilder();
      return switch (this) {
        case LEGACY -> legacy;
        case CACHING_MODE -> legacy.with(Feature.CACHING_MODE);
        case REGISTER_BASED -> legacy.without(Feature.QUEUED_INVALIDATION);
      };
    }
  }

  /// The features this unit can be given.
  ///
  /// @return a set of the caller's own
  public static Set<Feature> implemented() {
    return EnumSet.of(
        Feature.ENHANCED_SET_ROOT_TABLE_POINTER,
        Feature.READ_DRAINING,
        Feature.WRITE_DRAINING,
        Feature.PAGE_SELECTIVE_INVALIDATION,
        Feature.ZERO_LENGTH_READ,
        Feature.CACHING_MODE,
        Feature.PROTECTED_HIGH_MEMORY,
        Feature.PROTECTED_LOW_MEMORY,
        Feature.WRITE_BUFFER_FLUSH,
        Feature.SNOOP_CONTROL,
        Feature.PASS_THROUGH,
        Feature.QUEUED_INVALIDATION,
        Feature.DEVICE_TLBS,
        Feature.DEVICE_TLB_INVALIDATION_THROTTLE,
        Feature.PAGE_REQUESTS,
        Feature.PAGE_REQUEST_DRAIN,
        Feature.STOP_MARKERS,
        Feature.SCALABLE_MODE,
        Feature.ABORT_DMA_MODE,
        Feature.HOST_PERMISSION_TABLES,
        Feature.PASID,
        Feature.COHERENT_TABLES);
  }

  /// Starts from [Preset#LEGACY].
  public static UnitConfigurationBuilder builder() {
    return new UnitConfigurationBuilder();
  }
}
