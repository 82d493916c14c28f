package dev.portcullis.machine.description;

import dev.portcullis.spec.register.Capability;
import dev.portcullis.spec.register.ExtendedCapability;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.UnitConfiguration.Preset;
import dev.portcullis.unit.UnitConfigurationBuilder;
import dev.portcullis.unit.policy.AddressWidth;
import dev.portcullis.unit.policy.Bit62;
import dev.portcullis.unit.policy.CacheSizes;
import dev.portcullis.unit.policy.FaultCollapse;
import dev.portcullis.unit.policy.LargePage;
import dev.portcullis.unit.policy.TableReads;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads one entry of `units`.
final class UnitReader {
  private static final Pattern ID = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,31}");
  private static final Pattern VERSION = Pattern.compile("(\\d{1,2})\\.(\\d{1,2})");

  private final Section section;

  private UnitReader(Section section) {
    this.section = section;
  }

  /// @param index position in the list
  static UnitDescription read(Section section, int index) throws MachineFileException {
    return new UnitReader(section).read(index);
  }

  private UnitDescription read(int index) throws MachineFileException {
    var id = section.value("id", UnitReader::id).orElse("dmar" + index);
    var at = section.required("at", Place::ofUnit);
    var builder = profile().builder();
    readCapabilities(builder);
    readVersion(section, builder);
    readWidths(builder);
    readFaults(builder);
    readCaches(builder);
    readFeatures(builder);
    section.end();
    try {
      return new UnitDescription(id, at, builder.build());
    } catch (IllegalArgumentException contradiction) {
      throw section.wrong(contradiction.getMessage());
    }
  }

  private static String id(String text) {
    if (!ID.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a name of letters, digits, - and _");
    }
    return text;
  }

  /// The `profile`; an older word for it is `preset`.
  private Preset profile() throws MachineFileException {
    Optional<Preset> profile = section.value("profile", UnitReader::profile);
    Optional<Preset> preset = section.value("preset", UnitReader::profile);
    if (profile.isPresent() && preset.isPresent()) {
      throw section.wrong("preset", "an older word for \"profile\", which is there, too");
    }
    return profile.or(() -> preset).orElse(Preset.LEGACY);
  }

  private static Preset profile(String text) {
    return Names.find(text, List.of(Preset.values()), Preset::key);
  }

  /// The words of registers, in place of the profile's.
  private void readCapabilities(UnitConfigurationBuilder builder) throws MachineFileException {
    Optional<Section> found = section.section("capabilities");
    if (found.isPresent()) {
      Section words = found.get();
      words.value(
          "cap", text -> builder.capability(new Capability(FeatureCapabilitiesReader.word(text))));
      words.value(
          "ecap",
          text ->
              builder.extendedCapability(
                  new ExtendedCapability(FeatureCapabilitiesReader.word(text))));
      readVersion(words, builder);
      builder.featureCapabilities(FeatureCapabilitiesReader.read(words));
      words.end();
    }
  }

  private static void readVersion(Section section, UnitConfigurationBuilder builder)
      throws MachineFileException {
    Optional<Matcher> version = section.value("version", UnitReader::version);
    version.ifPresent(
        v -> builder.version(Integer.parseInt(v.group(1)), Integer.parseInt(v.group(2))));
  }

  private static Matcher version(String text) {
    Matcher m = VERSION.matcher(text);
    if (!m.matches()) {
      throw new IllegalArgumentException("\"" + text + "\" is not a version, such as 1.0");
    }
    return m;
  }

  private void readWidths(UnitConfigurationBuilder builder) throws MachineFileException {
    section.number("host-address-bits", 12, 52).ifPresent(builder::hostAddressBits);
    section.number("guest-address-bits", 1, 64).ifPresent(builder::guestAddressBits);
    section.number("domain-id-bits", 4, 16).ifPresent(builder::domainIdBits);
    section.number("maximum-address-mask", 0, 63).ifPresent(builder::maximumAddressMask);
    section
        .values("address-widths", text -> Names.find(text, WIDTHS, UnitReader::bits))
        .ifPresent(widths -> builder.addressWidths(set(widths, AddressWidth.class)));
    section
        .values("large-pages", text -> Names.find(text, LARGE_PAGES, UnitReader::size))
        .ifPresent(pages -> builder.largePages(set(pages, LargePage.class)));
  }

  private static final List<AddressWidth> WIDTHS = List.of(AddressWidth.values());
  private static final List<LargePage> LARGE_PAGES = List.of(LargePage.values());

  private static String bits(AddressWidth width) {
    return switch (width) {
      case BITS_39 -> "39";
      case BITS_48 -> "48";
      case BITS_57 -> "57";
    };
  }

  private static String size(LargePage page) {
    return switch (page) {
      case MIB_2 -> "2M";
      case GIB_1 -> "1G";
    };
  }

  private static <E extends Enum<E>> Set<E> set(List<E> values, Class<E> type) {
    Set<E> set = EnumSet.noneOf(type);
    set.addAll(values);
    return set;
  }

  private void readFaults(UnitConfigurationBuilder builder) throws MachineFileException {
    section.number("fault-records", 1, 256).ifPresent(builder::faultRecords);
    section.number("fault-record-offset", 0x10, 0x3ff0).ifPresent(builder::faultRecordOffset);
    section
        .number("invalidate-address-offset", 0x10, 0x3ff0)
        .ifPresent(builder::invalidateAddressOffset);
    section.choice("fault-collapse", FaultCollapse.class).ifPresent(builder::faultCollapse);
    section.choice("bit62", Bit62.class).ifPresent(builder::bit62);
    section.choice("table-reads", TableReads.class).ifPresent(builder::tableReads);
  }

  private void readCaches(UnitConfigurationBuilder builder) throws MachineFileException {
    Optional<Section> found = section.section("caches");
    if (found.isPresent()) {
      Section caches = found.get();
      CacheSizes base = CacheSizes.DEFAULT;
      int iotlb4KiB = entries(caches, "iotlb-4k", base.iotlb4KiB());
      int iotlb2MiB = entries(caches, "iotlb-2m", base.iotlb2MiB());
      int iotlb1GiB = entries(caches, "iotlb-1g", base.iotlb1GiB());
      int context = entries(caches, "context", base.context());
      int pagingStructure = entries(caches, "paging-structure", base.pagingStructure());
      caches.end();
      try {
        builder.caches(new CacheSizes(iotlb4KiB, iotlb2MiB, iotlb1GiB, context, pagingStructure));
      } catch (IllegalArgumentException refused) {
        throw caches.wrong(refused.getMessage());
      }
    }
  }

  private static int entries(Section caches, String key, int otherwise)
      throws MachineFileException {
    return caches.number(key, 1, 1 << 22).orElse(otherwise);
  }

  private void readFeatures(UnitConfigurationBuilder builder) throws MachineFileException {
    Optional<Section> found = section.section("features");
    if (found.isPresent()) {
      Section features = found.get();
      for (Feature feature : sorted(UnitConfiguration.implemented())) {
        Optional<Boolean> wanted = features.flag(Names.written(feature));
        wanted.ifPresent(on -> apply(builder, feature, on));
      }
      features.end();
    }
  }

  private static List<Feature> sorted(Set<Feature> features) {
    return features.stream().sorted(Comparator.comparing(Names::written)).toList();
  }

  private static void apply(UnitConfigurationBuilder builder, Feature feature, Boolean on) {
    if (on) {
      builder.with(feature);
    } else {
      builder.without(feature);
    }
  }
}
