package dev.portcullis.unit;

import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Capability;
import dev.portcullis.spec.register.ExtendedCapability;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.FeatureCapabilities;
import dev.portcullis.spec.register.Registers;
import dev.portcullis.unit.policy.AddressWidth;
import dev.portcullis.unit.policy.Bit62;
import dev.portcullis.unit.policy.CacheSizes;
import dev.portcullis.unit.policy.FaultCollapse;
import dev.portcullis.unit.policy.LargePage;
import dev.portcullis.unit.policy.TableReads;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/// Puts a unit's configuration together, and refuses what contradicts itself.
///
/// It starts as a legacy-mode unit of version 1.0: 46-bit host addresses, 39- and 48-bit guest
/// addresses, 16-bit domain-ids, 8 fault records, 2-MiB and 1-GiB pages.
public final class UnitConfigurationBuilder {
  /// The SAGAW bits and the SSLPS bits that mean something.
  private static final int ALL_WIDTHS = 0b01110;

  private static final int ALL_PAGES = 0b0011;

  private int majorVersion = 1;
  private int minorVersion;
  private int hostAddressBits = 46;
  private int guestAddressBits = 48;
  private int domainIdBits = 16;
  private Set<AddressWidth> addressWidths = EnumSet.of(AddressWidth.BITS_39, AddressWidth.BITS_48);
  private Set<LargePage> largePages = EnumSet.allOf(LargePage.class);
  private int maximumAddressMask = 18;
  private int pasidBits = 20;
  private int maximumInterruptMask = 15;
  private int faultRecords = 8;
  private int faultRecordOffset;
  private int invalidateAddressOffset = 0x500;
  private FeatureCapabilities featureCapabilities = FeatureCapabilities.STANDARD;
  private CacheSizes caches = CacheSizes.DEFAULT;
  private FaultCollapse faultCollapse = FaultCollapse.NONE;
  private Bit62 bit62 = Bit62.RESERVED;
  private TableReads tableReads = TableReads.CURRENT;
  private Duration deviceTlbTimeLimit = Duration.ofSeconds(1);
  private final Set<Feature> features =
      EnumSet.of(
          Feature.READ_DRAINING,
          Feature.WRITE_DRAINING,
          Feature.PAGE_SELECTIVE_INVALIDATION,
          Feature.ZERO_LENGTH_READ,
          Feature.SNOOP_CONTROL,
          Feature.PASS_THROUGH,
          Feature.QUEUED_INVALIDATION,
          Feature.COHERENT_TABLES);

  UnitConfigurationBuilder() {}

  /// Adds features.
  public UnitConfigurationBuilder with(Feature... more) {
    features.addAll(Set.of(more));
    return this;
  }

  /// Takes features away.
  public UnitConfigurationBuilder without(Feature... fewer) {
    features.removeAll(Set.of(fewer));
    return this;
  }

  /// Everything the CAP register says. Fields that mean nothing without their feature are announced
  /// as 0 nevertheless: MAMV without PSI.
  ///
  /// @throws IllegalArgumentException if a reserved bit is set, or a field has a reserved value
  public UnitConfigurationBuilder capability(Capability announced) {
    long word = announced.word();
    demandClear("CAP", word, Capability.RESERVED);
    int sagaw = Capability.SAGAW.intOf(word);
    int sslps = Capability.SSLPS.intOf(word);
    demand((sagaw & ~ALL_WIDTHS) == 0, "SAGAW %#x: bits 8 and 12 of CAP are 0".formatted(sagaw));
    demand((sslps & ~ALL_PAGES) == 0, "SSLPS %#x: bits 36 and 37 of CAP are 0".formatted(sslps));
    demand(announced.faultRecordOffset() != 0, "FRO 0: fault records do not lie on VER");
    take(Feature.Word.CAP, word);
    addressWidths =
        Arrays.stream(AddressWidth.values())
            .filter(width -> (sagaw & width.sagawBit()) != 0)
            .collect(Collectors.toSet());
    largePages =
        Arrays.stream(LargePage.values())
            .filter(page -> (sslps & page.sslpsBit()) != 0)
            .collect(Collectors.toSet());
    domainIdBits = announced.domainIdBits();
    guestAddressBits = announced.guestAddressBits();
    faultRecordOffset = announced.faultRecordOffset();
    faultRecords = announced.faultRecords();
    maximumAddressMask = announced.maximumAddressMask();
    return this;
  }

  /// Everything the ECAP register says. Fields that mean nothing without their feature are
  /// announced as 0 nevertheless: PSS without PASID, MHMV without IR.
  ///
  /// @throws IllegalArgumentException if a reserved bit is set
  public UnitConfigurationBuilder extendedCapability(ExtendedCapability announced) {
    long word = announced.word();
    demandClear("ECAP", word, ExtendedCapability.RESERVED);
    take(Feature.Word.ECAP, word);
    pasidBits = ExtendedCapability.PSS.intOf(word) + 1;
    maximumInterruptMask = ExtendedCapability.MHMV.intOf(word);
    invalidateAddressOffset = ExtendedCapability.IRO.intOf(word) * 16;
    return this;
  }

  /// What the capability registers of features say.
  public UnitConfigurationBuilder featureCapabilities(FeatureCapabilities announced) {
    featureCapabilities = announced;
    return this;
  }

  private void take(Feature.Word register, long word) {
    for (Feature feature : Feature.values()) {
      if (feature.word() == register) {
        if (feature.field().isSet(word)) {
          features.add(feature);
        } else {
          features.remove(feature);
        }
      }
    }
  }

  /// What the VER register says.
  public UnitConfigurationBuilder version(int major, int minor) {
    majorVersion = major;
    minorVersion = minor;
    return this;
  }

  /// Width of a host physical address in bits (HAW), 12 to 52.
  public UnitConfigurationBuilder hostAddressBits(int bits) {
    hostAddressBits = bits;
    return this;
  }

  /// Width of a guest address in bits (MGAW), 1 to 64.
  public UnitConfigurationBuilder guestAddressBits(int bits) {
    guestAddressBits = bits;
    return this;
  }

  /// Width of a domain-id in bits: 4, 6, … 16.
  public UnitConfigurationBuilder domainIdBits(int bits) {
    domainIdBits = bits;
    return this;
  }

  /// The depths of second-stage tables (SAGAW).
  public UnitConfigurationBuilder addressWidths(Set<AddressWidth> widths) {
    addressWidths = Set.copyOf(widths);
    return this;
  }

  /// The large pages of second-stage tables (SSLPS).
  public UnitConfigurationBuilder largePages(Set<LargePage> pages) {
    largePages = Set.copyOf(pages);
    return this;
  }

  /// Largest page-selective invalidation (MAMV): 2^`mask` pages.
  public UnitConfigurationBuilder maximumAddressMask(int mask) {
    maximumAddressMask = mask;
    return this;
  }

  /// Width of a PASID in bits (PSS), 1 to 20.
  public UnitConfigurationBuilder pasidBits(int bits) {
    pasidBits = bits;
    return this;
  }

  /// Largest index-selective invalidation (MHMV): 2^`mask` interrupt entries, 0 to 15.
  public UnitConfigurationBuilder maximumInterruptMask(int mask) {
    maximumInterruptMask = mask;
    return this;
  }

  /// Number of fault records, 1 to 256.
  public UnitConfigurationBuilder faultRecords(int records) {
    faultRecords = records;
    return this;
  }

  /// Where the fault records are; a multiple of 16. Left alone, they are at 400h, or in the second
  /// page when there are many.
  public UnitConfigurationBuilder faultRecordOffset(int offset) {
    faultRecordOffset = offset;
    return this;
  }

  /// Where the IVA register is, and the IOTLB register after it; a multiple of 16.
  public UnitConfigurationBuilder invalidateAddressOffset(int offset) {
    invalidateAddressOffset = offset;
    return this;
  }

  public UnitConfigurationBuilder caches(CacheSizes sizes) {
    caches = sizes;
    return this;
  }

  public UnitConfigurationBuilder faultCollapse(FaultCollapse collapse) {
    faultCollapse = collapse;
    return this;
  }

  public UnitConfigurationBuilder bit62(Bit62 treatment) {
    bit62 = treatment;
    return this;
  }

  /// What the unit sees of tables that it does not snoop.
  public UnitConfigurationBuilder tableReads(TableReads reads) {
    tableReads = reads;
    return this;
  }

  /// How long a device has to forget translations.
  public UnitConfigurationBuilder deviceTlbTimeLimit(Duration limit) {
    deviceTlbTimeLimit = limit;
    return this;
  }

  /// The configuration.
  ///
  /// @throws IllegalArgumentException if the choices contradict one another, or ask for what this
  ///   unit does not have; the message says which and why
  public UnitConfiguration build() {
    checkNumbers();
    checkFeatures();
    Capabilities capabilities =
        new Capabilities(
            majorVersion,
            minorVersion,
            new Capability(capabilityWord() | word(Feature.Word.CAP)),
            new ExtendedCapability(extendedWord() | word(Feature.Word.ECAP)),
            hostAddressBits);
    Registers.of(capabilities, featureCapabilities); // refuses registers that lie on one another
    return new UnitConfiguration(
        capabilities,
        featureCapabilities,
        caches,
        faultCollapse,
        bit62,
        tableReads,
        deviceTlbTimeLimit);
  }

  private long capabilityWord() {
    boolean pageSelective = features.contains(Feature.PAGE_SELECTIVE_INVALIDATION);
    return Capability.ND.encode((domainIdBits - 4) / 2)
        | Capability.SAGAW.encode(
            addressWidths.stream().mapToInt(AddressWidth::sagawBit).reduce(0, (a, b) -> a | b))
        | Capability.MGAW.encode(guestAddressBits - 1)
        | Capability.FRO.encode(recordOffset() / 16)
        | Capability.SSLPS.encode(
            largePages.stream().mapToInt(LargePage::sslpsBit).reduce(0, (a, b) -> a | b))
        | Capability.NFR.encode(faultRecords - 1)
        | Capability.MAMV.encode(pageSelective ? maximumAddressMask : 0);
  }

  private long extendedWord() {
    boolean pasids = features.contains(Feature.PASID);
    boolean interrupts = features.contains(Feature.INTERRUPT_REMAPPING);
    return ExtendedCapability.IRO.encode(invalidateAddressOffset / 16)
        | ExtendedCapability.PSS.encode(pasids ? pasidBits - 1 : 0)
        | ExtendedCapability.MHMV.encode(interrupts ? maximumInterruptMask : 0);
  }

  private int recordOffset() {
    if (faultRecordOffset != 0) {
      return faultRecordOffset;
    }
    if (faultRecords > 16) {
      return 0x1000;
    }
    return features.contains(Feature.ENHANCED_COMMANDS) ? 0xe70 : 0x400;
  }

  private long word(Feature.Word word) {
    return features.stream()
        .filter(feature -> feature.word() == word)
        .mapToLong(feature -> feature.field().mask())
        .reduce(0, (a, b) -> a | b);
  }

  private void checkNumbers() {
    demand(
        guestAddressBits >= hostAddressBits && guestAddressBits <= 64,
        "guest addresses of " + guestAddressBits + " bits: from the host's width to 64");
    demand(
        domainIdBits >= 4 && domainIdBits <= 16 && domainIdBits % 2 == 0,
        "domain-ids of " + domainIdBits + " bits: 4, 6, 8, 10, 12, 14 or 16");
    demand(
        !addressWidths.isEmpty() || majorVersion >= 6,
        "no second-stage address width: legacy mode cannot do without");
    demand(pasidBits >= 1 && pasidBits <= 20, "PASIDs of " + pasidBits + " bits: 1 to 20");
    demand(
        maximumInterruptMask >= 0 && maximumInterruptMask <= 15,
        "maximum interrupt mask " + maximumInterruptMask + ": 0 to 15");
    demand(
        !largePages.contains(LargePage.GIB_1) || largePages.contains(LargePage.MIB_2),
        "1-GiB pages without 2-MiB pages");
    demand(
        maximumAddressMask >= 0 && maximumAddressMask <= 63,
        "maximum address mask " + maximumAddressMask + ": 0 to 63");
    demand(deviceTlbTimeLimit.isPositive(), "device-TLB time limit " + deviceTlbTimeLimit);
    demand(faultRecords >= 1 && faultRecords <= 256, faultRecords + " fault records: 1 to 256");
    checkOffset("fault record", recordOffset());
    checkOffset("invalidate address", invalidateAddressOffset);
  }

  private static void checkOffset(String what, int offset) {
    demand(
        offset > 0 && offset % 16 == 0 && offset / 16 <= 0x3ff,
        "%s offset %#x: a multiple of 16 up to 3ff0h".formatted(what, offset));
  }

  private void checkFeatures() {
    FeatureRules.check(features);
    FeatureRules.check(features, featureCapabilities);
    demand(
        majorVersion < 2
            || features.contains(Feature.READ_DRAINING)
                && features.contains(Feature.WRITE_DRAINING),
        "a unit of version 2 or later always drains: READ_DRAINING and WRITE_DRAINING are due");
    demand(
        majorVersion < 6 || features.contains(Feature.SECOND_STAGE) || addressWidths.isEmpty(),
        "from version 6 on a unit without SECOND_STAGE has no second-stage address width");
  }

  private static void demandClear(String register, long word, long reserved) {
    demand(
        (word & reserved) == 0,
        "%s %#x: bits %#x are reserved".formatted(register, word, word & reserved));
  }

  private static void demand(boolean condition, String complaint) {
    if (!condition) {
      throw new IllegalArgumentException(complaint);
    }
  }
}
