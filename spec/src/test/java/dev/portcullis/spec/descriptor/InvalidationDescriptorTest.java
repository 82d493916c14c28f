package dev.portcullis.spec.descriptor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Capability;
import dev.portcullis.spec.register.ExtendedCapability;
import dev.portcullis.spec.register.Granularity;
import dev.portcullis.spec.register.QueueError;
import dev.portcullis.spec.register.TableMode;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class InvalidationDescriptorTest {
  private static final Capabilities LEGACY =
      new Capabilities(
          1, 0, new Capability(0x00d2_078c_406f_0606L), new ExtendedCapability(0x50c3), 46);

  private static InvalidationDescriptor decode(long lo, long hi) {
    return InvalidationDescriptor.decode(lo, hi, LEGACY);
  }

  /// Everything there is, in ECAP.
  private static final Capabilities EVERYTHING =
      new Capabilities(
          1,
          0,
          new Capability(0x00d2_078c_406f_0606L),
          new ExtendedCapability(~ExtendedCapability.RESERVED),
          46);

  private static InvalidationDescriptor decodeScalable(long lo, long hi) {
    return InvalidationDescriptor.decode(lo, hi, 0, TableMode.SCALABLE, EVERYTHING);
  }

  private static InvalidationDescriptor invalid(QueueError error) {
    return new InvalidationDescriptor.Invalid(error);
  }

  /// One of each kind and granularity.
  private static List<InvalidationDescriptor.Valid> all() {
    return List.of(
        ContextCacheInvalidate.global(),
        ContextCacheInvalidate.domain(0xfedc),
        ContextCacheInvalidate.device(3, 0xff07),
        IotlbInvalidate.global(),
        IotlbInvalidate.domain(0xffff),
        IotlbInvalidate.pages(12, 0x7fff_ffff_f000L, 18).leafOnly(),
        DeviceTlbInvalidate.all(0xfedc),
        DeviceTlbInvalidate.pages(0x18, 0x7fff_ffff_f000L, 0).throttled(0xabcd, 32),
        InterruptCacheInvalidate.global(),
        InterruptCacheInvalidate.indices(0xfff0, 15),
        InvalidationWait.silent(),
        InvalidationWait.status(0x3fff_ffff_fffcL, -1).raisingEvent(),
        InvalidationWait.interrupt().fencing().drainingPageRequests(),
        PasidIotlbInvalidate.pasid(0xffff, 0xf_ffff),
        PasidIotlbInvalidate.pages(1, 2, -4096L, 63).leafOnly(),
        PasidCacheInvalidate.global(),
        PasidCacheInvalidate.domain(0xffff),
        PasidCacheInvalidate.pasid(0xffff, 0xf_ffff),
        PasidDeviceTlbInvalidate.pages(0xfedc, 0xf_ffff, 0x1234_5000, 3).throttled(0xffff, 31),
        PasidDeviceTlbInvalidate.allPasids(0x18),
        PageGroupResponse.of(0xfedc, 0x1ff, 15),
        PageGroupResponse.of(0xfedc, 0, 1).withPasid(0xf_ffff),
        PermissionCacheInvalidate.global(),
        PermissionCacheInvalidate.domain(0xffff, 4),
        PermissionCacheInvalidate.pages(7, 0xf_ffff_ffff_f000L, 9, 1));
  }

  @Test
  void whatIsEncodedIsDecoded() {
    for (InvalidationDescriptor.Valid descriptor : all()) {
      assertThat(decodeScalable(descriptor.lo(), descriptor.hi())).isEqualTo(descriptor);
    }
  }

  @Test
  void whatHasABitBeyondItsLowHalfIsRefused() {
    for (InvalidationDescriptor.Valid descriptor : all()) {
      assertThat(
              InvalidationDescriptor.decode(
                  descriptor.lo(), descriptor.hi(), 1L << 63, TableMode.ABORT, EVERYTHING))
          .isEqualTo(invalid(QueueError.RESERVED_FIELD));
    }
  }

  @Test
  void theRangeOfADeviceIsCodedByItsLowestZeroBit() {
    assertThat(DeviceTlbInvalidate.pages(8, 0x5432_1000, 0).pages()).isEqualTo(0x5432_1000);
    assertThat(DeviceTlbInvalidate.pages(8, 0x5432_1000, 1).pages()).isEqualTo(0x5432_0800);
    assertThat(DeviceTlbInvalidate.pages(8, 0x5432_1000, 2).pages()).isEqualTo(0x5432_1800);
    assertThat(DeviceTlbInvalidate.pages(8, 0x5432_1000, 9).pages()).isEqualTo(0x542f_f800);
    assertThat(DeviceTlbInvalidate.all(8).pages()).isEqualTo(0x7fff_ffff_ffff_f800L);
    assertThat(PasidDeviceTlbInvalidate.pages(8, 1, 0x5432_1000, 2).pages()).isEqualTo(0x5432_1800);
  }

  @Test
  void theFieldsOfADeviceTlbInvalidationComeOutAsTheyWentIn() {
    DeviceTlbInvalidate plain = DeviceTlbInvalidate.all(0xfedc).throttled(0xabcd, 32);
    assertThat(plain.sourceId()).isEqualTo(0xfedc);
    assertThat(plain.physicalFunction()).isEqualTo(0xabcd);
    assertThat(plain.limit()).isEqualTo(32);
    PasidDeviceTlbInvalidate pasid =
        PasidDeviceTlbInvalidate.all(0xfedc, 0x9_8765).throttled(0x1234, 1);
    assertThat(pasid.sourceId()).isEqualTo(0xfedc);
    assertThat(pasid.pasid()).isEqualTo(0x9_8765);
    assertThat(pasid.physicalFunction()).isEqualTo(0x1234);
    assertThat(pasid.limit()).isEqualTo(1);
    assertThat(pasid.isForAllPasids()).isFalse();
    assertThat(PasidDeviceTlbInvalidate.allPasids(1).isForAllPasids()).isTrue();
  }

  @Test
  void theFieldsOfAResponseComeOutAsTheyWentIn() {
    PageGroupResponse response = PageGroupResponse.of(0xfedc, 0x1ab, 15).withPasid(0x9_8765);
    assertThat(response.requesterId()).isEqualTo(0xfedc);
    assertThat(response.group()).isEqualTo(0x1ab);
    assertThat(response.code()).isEqualTo(15);
    assertThat(response.hasPasid()).isTrue();
    assertThat(response.pasid()).isEqualTo(0x9_8765);
    assertThat(PageGroupResponse.of(1, 2, 0).hasPasid()).isFalse();
  }

  @Test
  void theFieldsOfAnInvalidationComeOutAsTheyWentIn() {
    IotlbInvalidate pages = IotlbInvalidate.pages(12, 0x7fff_ffff_f000L, 18);
    assertThat(pages.granularity()).isEqualTo(Granularity.SELECTIVE);
    assertThat(pages.domainId()).isEqualTo(12);
    assertThat(pages.address()).isEqualTo(0x7fff_ffff_f000L);
    assertThat(pages.addressMask()).isEqualTo(18);
    assertThat(pages.isLeafOnly()).isFalse();
    assertThat(pages.drainsReads() && pages.drainsWrites()).isTrue();
    InvalidationWait wait = InvalidationWait.status(0x1234_5678, 0x8000_0001);
    assertThat(wait.statusAddress()).isEqualTo(0x1234_5678);
    assertThat(wait.statusData()).isEqualTo(0x8000_0001);
    assertThat(wait.writesStatus()).isTrue();
    assertThat(wait.raisesEvent()).isFalse();
  }

  private static long reservedLow(InvalidationDescriptor.Valid valid) {
    return switch (valid) {
      case ContextCacheInvalidate _ -> ContextCacheInvalidate.RESERVED_LOW;
      case IotlbInvalidate _ -> IotlbInvalidate.RESERVED_LOW;
      case DeviceTlbInvalidate _ -> DeviceTlbInvalidate.RESERVED_LOW;
      case InterruptCacheInvalidate _ -> InterruptCacheInvalidate.RESERVED_LOW;
      case InvalidationWait _ -> InvalidationWait.RESERVED_LOW;
      case PasidIotlbInvalidate _ -> PasidIotlbInvalidate.RESERVED_LOW;
      case PasidCacheInvalidate _ -> PasidCacheInvalidate.RESERVED_LOW;
      case PasidDeviceTlbInvalidate _ -> PasidDeviceTlbInvalidate.RESERVED_LOW;
      case PageGroupResponse _ -> PageGroupResponse.RESERVED_LOW;
      case PermissionCacheInvalidate _ -> PermissionCacheInvalidate.RESERVED_LOW;
    };
  }

  private static long reservedHigh(InvalidationDescriptor.Valid valid) {
    return switch (valid) {
      case ContextCacheInvalidate _ -> ContextCacheInvalidate.RESERVED_HIGH;
      case IotlbInvalidate _ -> IotlbInvalidate.RESERVED_HIGH;
      case DeviceTlbInvalidate _ -> DeviceTlbInvalidate.RESERVED_HIGH;
      case InterruptCacheInvalidate _ -> InterruptCacheInvalidate.RESERVED_HIGH;
      case InvalidationWait _ -> InvalidationWait.RESERVED_HIGH;
      case PasidIotlbInvalidate _ -> PasidIotlbInvalidate.RESERVED_HIGH;
      case PasidCacheInvalidate _ -> PasidCacheInvalidate.RESERVED_HIGH;
      case PasidDeviceTlbInvalidate _ -> PasidDeviceTlbInvalidate.RESERVED_HIGH;
      case PageGroupResponse _ -> PageGroupResponse.RESERVED_HIGH;
      case PermissionCacheInvalidate _ -> PermissionCacheInvalidate.RESERVED_HIGH;
    };
  }

  @Test
  void everyReservedBitOfAValidTypeIsRefused() {
    for (InvalidationDescriptor.Valid valid : all()) {
      for (int bit = 0; bit < 64; bit++) {
        if ((reservedLow(valid) >>> bit & 1) != 0) {
          assertThat(decodeScalable(valid.lo() | 1L << bit, valid.hi()))
              .isEqualTo(invalid(QueueError.RESERVED_FIELD));
        }
        if ((reservedHigh(valid) >>> bit & 1) != 0) {
          assertThat(decodeScalable(valid.lo(), valid.hi() | 1L << bit))
              .isEqualTo(invalid(QueueError.RESERVED_FIELD));
        }
      }
    }
  }

  @Test
  void aPhysicalFunctionIsReservedWithoutTheThrottle() {
    Capabilities unthrottled =
        new Capabilities(
            1,
            0,
            EVERYTHING.capability(),
            new ExtendedCapability(~ExtendedCapability.RESERVED & ~ExtendedCapability.DIT.mask()),
            46);
    for (int type : new int[] {DeviceTlbInvalidate.TYPE, PasidDeviceTlbInvalidate.TYPE}) {
      for (int bit : new int[] {12, 15, 52, 63}) {
        long lo = type | 1L << bit;
        assertThat(decodeScalable(lo, 0)).isInstanceOf(InvalidationDescriptor.Valid.class);
        assertThat(InvalidationDescriptor.decode(lo, 0, 0, TableMode.SCALABLE, unthrottled))
            .isEqualTo(invalid(QueueError.RESERVED_FIELD));
      }
    }
  }

  @Test
  void theReservedGranularityIsRefused() {
    assertThat(decode(0x01, 0)).isEqualTo(invalid(QueueError.RESERVED_FIELD));
    assertThat(decode(0x02, 0)).isEqualTo(invalid(QueueError.RESERVED_FIELD));
    for (long lo : new long[] {0x06, 0x16, 0x27, 0x0a}) {
      assertThat(decodeScalable(lo, 0)).isEqualTo(invalid(QueueError.RESERVED_FIELD));
    }
  }

  @Test
  void aRangeBeyondTheMaximumAddressMaskIsRefused() {
    assertThat(decode(0x32, 18)).isInstanceOf(IotlbInvalidate.class);
    assertThat(decode(0x32, 19)).isEqualTo(invalid(QueueError.RESERVED_FIELD));
  }

  @Test
  void moreInterruptEntriesThanTheUnitAllowsAreRefused() {
    Capabilities few =
        new Capabilities(1, 0, LEGACY.capability(), new ExtendedCapability(0x30_50cb), 46);
    InterruptCacheInvalidate eight = InterruptCacheInvalidate.indices(0, 3);
    InterruptCacheInvalidate sixteen = InterruptCacheInvalidate.indices(0, 4);
    assertThat(InvalidationDescriptor.decode(eight.lo(), 0, few)).isEqualTo(eight);
    assertThat(InvalidationDescriptor.decode(sixteen.lo(), 0, few))
        .isEqualTo(invalid(QueueError.RESERVED_FIELD));
  }

  @Test
  void legacyModeKnowsTypes1To5() {
    for (int type = 0; type < 128; type++) {
      long lo = type & 15 | (long) (type >> 4) << 9;
      for (TableMode mode : TableMode.values()) {
        boolean known = type >= 1 && type <= (mode == TableMode.LEGACY ? 5 : 10);
        boolean pasids = mode == TableMode.SCALABLE || mode == TableMode.ABORT;
        if (mode == TableMode.LEGACY || pasids) {
          assertThat(
                  InvalidationDescriptor.decode(lo, 0, 0, mode, EVERYTHING)
                      .equals(invalid(QueueError.INVALID_TYPE)))
              .isEqualTo(!known);
        }
      }
    }
  }

  @Test
  void aPageRequestDrainIsReservedWithoutThatFeature() {
    assertThat(decode(0x95, 0)).isEqualTo(invalid(QueueError.RESERVED_FIELD));
  }

  @Test
  void typesThatDoNotExistOrNeedAMissingFeatureAreInvalid() {
    for (int type : new int[] {0, 3, 4, 6, 7, 8, 9, 10, 15}) {
      assertThat(decode(type, 0)).isEqualTo(invalid(QueueError.INVALID_TYPE));
    }
    assertThat(decode(0x201, 0)).as("type 11h").isEqualTo(invalid(QueueError.INVALID_TYPE));
  }

  @Test
  void decodingNeverThrows() {
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < 100_000; i++) {
      assertThat(decode(random.nextLong(), random.nextLong())).isNotNull();
      assertThat(decodeScalable(random.nextLong(), random.nextLong())).isNotNull();
    }
  }
}
