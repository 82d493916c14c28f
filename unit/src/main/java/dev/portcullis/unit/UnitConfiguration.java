package dev.portcullis.unit;

import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Capability;
import dev.portcullis.spec.register.ExtendedCapability;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.FeatureCapabilities;
import dev.portcullis.unit.policy.AddressWidth;
import dev.portcullis.unit.policy.Bit62;
import dev.portcullis.unit.policy.CacheSizes;
import dev.portcullis.unit.policy.FaultCollapse;
import dev.portcullis.unit.policy.TableReads;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/// What a unit is: what it announces, how large its caches are, and the choices the architecture
/// leaves to it.
///
/// @param capabilities what CAP, ECAP and VER say
/// @param features what the capability registers of its features say
/// @param caches sizes of the caches
/// @param faultCollapse what happens to a fault of a requester that has one in the log already
/// @param bit62 how bit 62 of a second-stage entry is taken
/// @param tableReads what it sees of tables that it does not snoop
/// @param deviceTlbTimeLimit how long a device has to forget translations, more than 0
public record UnitConfiguration(
    Capabilities capabilities,
    FeatureCapabilities features,
    CacheSizes caches,
    FaultCollapse faultCollapse,
    Bit62 bit62,
    TableReads tableReads,
    Duration deviceTlbTimeLimit) {

  /// A ready-made configuration, known by name to machine files as its profile; `docs/profiles.md`
  /// says what each announces.
  public enum Preset {
    /// Legacy mode with queued invalidation, 39- and 48-bit addresses, 2-MiB and 1-GiB pages.
    LEGACY("legacy"),
    /// The same with caching mode: software must invalidate when it adds a mapping, too.
    CACHING_MODE("caching-mode"),
    /// The same without a queue: software invalidates by register.
    REGISTER_BASED("register-based"),
    /// Scalable mode with both stages, PASIDs, device-TLBs, page requests and interrupt remapping.
    SCALABLE("scalable"),
    /// Everything there is.
    EVERYTHING("everything"),
    /// A desktop chipset of 2007: no queue, 39-bit addresses, small pages, one fault record, write
    /// buffers that software must flush.
    VTD_2007("vtd-2007"),
    /// A client processor: 39-bit addresses, tables that are not coherent, interrupt remapping.
    CLIENT_39_BIT("client-39bit"),
    /// A server processor before scalable mode: device-TLBs and posted interrupts.
    SERVER_LEGACY("server-legacy"),
    /// Scalable mode that caches whatever it may, and much of it: what software forgets to
    /// invalidate shows.
    AGGRESSIVE_CACHING("aggressive-caching");

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
        case SCALABLE -> scalable(legacy);
        case EVERYTHING -> everything(scalable(legacy));
        case VTD_2007 -> words(legacy, 0x00c9_0080_2063_0272L, 0x1000).hostAddressBits(36);
        case CLIENT_39_BIT -> words(legacy, 0x00d2_008c_4066_0462L, 0xf0_50da).hostAddressBits(39);
        case SERVER_LEGACY -> words(legacy, 0x08d2_078c_406f_0606L, 0xf0_50df);
        case AGGRESSIVE_CACHING ->
            scalable(legacy).with(Feature.CACHING_MODE).caches(CacheSizes.LARGE);
      };
    }
  }

  private static UnitConfigurationBuilder words(
      UnitConfigurationBuilder builder, long capability, long extended) {
    return builder
        .capability(new Capability(capability))
        .extendedCapability(new ExtendedCapability(extended));
  }

  private static UnitConfigurationBuilder scalable(UnitConfigurationBuilder builder) {
    return builder
        .guestAddressBits(57)
        .addressWidths(EnumSet.allOf(AddressWidth.class))
        .with(
            Feature.ENHANCED_SET_ROOT_TABLE_POINTER,
            Feature.ENHANCED_SET_INTERRUPT_TABLE_POINTER,
            Feature.FIRST_STAGE_5_LEVELS,
            Feature.FIRST_STAGE_1_GIB_PAGES,
            Feature.POSTED_INTERRUPTS,
            Feature.INTERRUPT_REMAPPING,
            Feature.EXTENDED_INTERRUPT_MODE,
            Feature.DEVICE_TLBS,
            Feature.NESTED_TRANSLATION,
            Feature.PAGE_REQUESTS,
            Feature.SUPERVISOR_REQUESTS,
            Feature.NO_WRITE_FLAG,
            Feature.EXTENDED_ACCESSED_FLAG,
            Feature.PASID,
            Feature.DEVICE_TLB_INVALIDATION_THROTTLE,
            Feature.PAGE_REQUEST_DRAIN,
            Feature.SCALABLE_MODE,
            Feature.SECOND_STAGE_ACCESSED_DIRTY,
            Feature.SECOND_STAGE,
            Feature.FIRST_STAGE,
            Feature.SCALABLE_WALK_COHERENCY,
            Feature.REQUESTER_PASID,
            Feature.ABORT_DMA_MODE,
            Feature.REQUESTER_PRIVILEGE);
  }

  private static UnitConfigurationBuilder everything(UnitConfigurationBuilder builder) {
    return builder.with(
        Feature.PROTECTED_HIGH_MEMORY,
        Feature.PROTECTED_LOW_MEMORY,
        Feature.ENHANCED_COMMANDS,
        Feature.RESOURCE_DIRECTOR,
        Feature.HOST_PERMISSION_1_GIB,
        Feature.HOST_PERMISSION_TABLES,
        Feature.STOP_MARKERS,
        Feature.SECOND_STAGE_IO_RIGHTS,
        Feature.PASID_IN_TRANSLATED_REQUESTS,
        Feature.PERFORMANCE_MONITORING,
        Feature.VIRTUAL_COMMANDS,
        Feature.MEMORY_TYPES);
  }

  /// The features this unit can be given.
  ///
  /// @return a set of the caller's own
  public static Set<Feature> implemented() {
    return FeatureRules.implemented();
  }

  /// Starts from [Preset#LEGACY].
  public static UnitConfigurationBuilder builder() {
    return new UnitConfigurationBuilder();
  }
}
