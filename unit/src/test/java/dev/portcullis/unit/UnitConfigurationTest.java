package dev.portcullis.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Capability;
import dev.portcullis.spec.register.ExtendedCapability;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.UnitConfiguration.Preset;
import dev.portcullis.unit.policy.AddressWidth;
import dev.portcullis.unit.policy.CacheSizes;
import dev.portcullis.unit.policy.LargePage;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class UnitConfigurationTest {

  private static void assertRefused(UnitConfigurationBuilder builder, String why) {
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @EnumSource
  void aPresetIsAValidConfiguration(Preset preset) {
    assertThat(preset.builder().build().capabilities().majorVersion()).isEqualTo(1);
  }

  @Test
  void presetsAnnounceWhatTheyAreNamedAfter() {
    assertThat(Preset.LEGACY.builder().build().capabilities().capability().word())
        .isEqualTo(0x00d2_078c_406f_0606L);
    assertThat(Preset.LEGACY.builder().build().capabilities().extended().word()).isEqualTo(0x50c3);
    assertThat(Preset.CACHING_MODE.builder().build().capabilities().has(Feature.CACHING_MODE))
        .isTrue();
    assertThat(
            Preset.REGISTER_BASED.builder().build().capabilities().has(Feature.QUEUED_INVALIDATION))
        .isFalse();
  }

  @Test
  void aUnitGivenAsWordsAnnouncesThoseWords() {
    for (Preset preset : Preset.values()) {
      Capabilities announced = preset.builder().build().capabilities();
      Capabilities again =
          UnitConfiguration.builder()
              .hostAddressBits(announced.hostAddressBits())
              .capability(announced.capability())
              .extendedCapability(announced.extended())
              .build()
              .capabilities();
      assertThat(again).isEqualTo(announced);
    }
  }

  @Test
  void wordsThatNoUnitHasAreRefused() {
    assertWordRefused(0x00d2_078c_406f_060eL, "bits 0x8 are reserved");
    assertWordRefused(0x00d2_078c_406f_1606L, "SAGAW 0x16");
    assertWordRefused(0x00d2_079c_406f_0606L, "SSLPS 0x7");
    assertWordRefused(0x00d2_078c_006f_0606L, "FRO 0");
    assertRefused(
        UnitConfiguration.builder().capability(new Capability(0x00d2_078c_406f_0607L)),
        "domain-ids of 18 bits");
    assertRefused(
        UnitConfiguration.builder().extendedCapability(new ExtendedCapability(0x100_0000_50c3L)),
        "PASID needs SCALABLE_MODE");
    assertThatThrownBy(() ->
            UnitConfiguration.builder().extendedCapability(new ExtendedCapability(0x100_50c3L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ECAP 0x10050c3: bits 0x1000000 are reserved");
  }

  private static void assertWordRefused(long capability, String why) {
    assertThatThrownBy(() -> UnitConfiguration.builder().capability(new Capability(capability)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  @Test
  void nothingIsAnnouncedThatIsNotThere() {
    for (Feature feature : EnumSet.complementOf(EnumSet.copyOf(UnitConfiguration.implemented()))) {
      assertRefused(UnitConfiguration.builder().with(feature), feature + " is not implemented");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "FIRST_STAGE_5_LEVELS, '', FIRST_STAGE",
    "FIRST_STAGE_1_GIB_PAGES, '', FIRST_STAGE",
    "POSTED_INTERRUPTS, '', INTERRUPT_REMAPPING",
    "INTERRUPT_REMAPPING_REQUIRED, '', INTERRUPT_REMAPPING",
    "EXTENDED_INTERRUPT_MODE, '', INTERRUPT_REMAPPING",
    "EXTENDED_INTERRUPT_MODE_REQUIRED, '', EXTENDED_INTERRUPT_MODE",
    "INTERRUPT_REMAPPING, '', QUEUED_INVALIDATION",
    "SCALABLE_MODE, '', QUEUED_INVALIDATION",
    "DEVICE_TLBS, '', QUEUED_INVALIDATION",
    "HOST_PERMISSION_1_GIB, '', HOST_PERMISSION_TABLES",
    "HOST_PERMISSION_TABLES, DEVICE_TLBS, SCALABLE_MODE",
    "HOST_PERMISSION_TABLES, SCALABLE_MODE, DEVICE_TLBS",
    "STOP_MARKERS, '', PAGE_REQUESTS",
    "PAGE_REQUESTS, DEVICE_TLBS, SCALABLE_MODE",
    "PAGE_REQUESTS, SCALABLE_MODE, DEVICE_TLBS",
    "SECOND_STAGE_IO_RIGHTS, '', SECOND_STAGE",
    "PASID_IN_TRANSLATED_REQUESTS, SCALABLE_MODE PASID, DEVICE_TLBS",
    "PASID_IN_TRANSLATED_REQUESTS, DEVICE_TLBS, PASID",
    "REQUESTER_PRIVILEGE, '', SUPERVISOR_REQUESTS",
    "PERFORMANCE_MONITORING, '', ENHANCED_COMMANDS",
    "REQUESTER_PASID, '', SCALABLE_MODE",
    "SCALABLE_WALK_COHERENCY, '', SCALABLE_MODE",
    "FIRST_STAGE, '', SCALABLE_MODE",
    "PASID, '', SCALABLE_MODE",
    "SUPERVISOR_REQUESTS, '', SCALABLE_MODE",
    "MEMORY_TYPES, '', SCALABLE_MODE",
    "SECOND_STAGE_ACCESSED_DIRTY, '', SCALABLE_WALK_COHERENCY",
    "EXTENDED_ACCESSED_FLAG, SCALABLE_MODE SCALABLE_WALK_COHERENCY, FIRST_STAGE",
    "EXTENDED_ACCESSED_FLAG, SCALABLE_MODE FIRST_STAGE, SCALABLE_WALK_COHERENCY",
    "PAGE_REQUEST_DRAIN, '', DEVICE_TLBS",
    "DEVICE_TLB_INVALIDATION_THROTTLE, '', DEVICE_TLBS",
    "NO_WRITE_FLAG, '', DEVICE_TLBS",
    "NESTED_TRANSLATION, SCALABLE_MODE SECOND_STAGE, FIRST_STAGE",
    "NESTED_TRANSLATION, SCALABLE_MODE FIRST_STAGE, SECOND_STAGE"
  })
  void aFeatureIsRefusedWithoutWhatItNeeds(Feature feature, String given, Feature missing) {
    UnitConfigurationBuilder builder = UnitConfiguration.builder().without(missing).with(feature);
    for (String other : given.isEmpty() ? new String[0] : given.split(" ")) {
      builder.with(Feature.valueOf(other));
    }

    assertRefused(builder, feature + " needs " + missing);
  }

  @Test
  void contradictionsAreRefusedWithTheReason() {
    assertRefused(
        UnitConfiguration.builder().largePages(Set.of(LargePage.GIB_1)), "without 2-MiB pages");
    assertRefused(UnitConfiguration.builder().addressWidths(Set.of()), "no second-stage");
    assertRefused(UnitConfiguration.builder().guestAddressBits(39), "guest addresses of 39 bits");
    assertRefused(UnitConfiguration.builder().domainIdBits(7), "domain-ids of 7 bits");
    assertRefused(UnitConfiguration.builder().faultRecords(257), "257 fault records");
    assertRefused(UnitConfiguration.builder().faultRecordOffset(0x80), "lies on IQH");
    assertRefused(UnitConfiguration.builder().invalidateAddressOffset(0x501), "offset 0x501");
    assertRefused(
        UnitConfiguration.builder().version(2, 0).without(Feature.READ_DRAINING), "always drains");
    assertRefused(UnitConfiguration.builder().version(6, 0), "without SECOND_STAGE");
    assertRefused(UnitConfiguration.builder().hostAddressBits(53).guestAddressBits(57), "53 bits");
  }

  @Test
  void manyFaultRecordsTakeASecondPage() {
    TestUnit test = new TestUnit(UnitConfiguration.builder().faultRecords(256).build());
    assertThat(test.unit.registerWindowBytes()).isEqualTo(8192);
    assertThat(TestUnit.legacy().unit.registerWindowBytes()).isEqualTo(4096);
  }

  @Test
  void aUnitWithoutPageSelectiveInvalidationHasNoAddressMask() {
    UnitConfiguration configuration =
        UnitConfiguration.builder().without(Feature.PAGE_SELECTIVE_INVALIDATION).build();
    assertThat(configuration.capabilities().capability().maximumAddressMask()).isZero();
  }

  @Test
  void addressWidthsAreTheOnesAsked() {
    Capability capability =
        UnitConfiguration.builder()
            .addressWidths(Set.of(AddressWidth.BITS_57))
            .build()
            .capabilities()
            .capability();
    assertThat(capability.supportsLevels(5)).isTrue();
    assertThat(capability.supportsLevels(4)).isFalse();
  }

  @Test
  void cacheSizesArePowersOfTwo() {
    assertThatThrownBy(() -> new CacheSizes(1000, 4, 4, 1, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("iotlb4KiB: 1000 entries");
  }
}
