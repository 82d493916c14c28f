package dev.portcullis.spec.descriptor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Capability;
import dev.portcullis.spec.register.ExtendedCapability;
import dev.portcullis.spec.register.Granularity;
import dev.portcullis.spec.register.QueueError;
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

  private static InvalidationDescriptor invalid(QueueError error) {
    return new InvalidationDescriptor.Invalid(error);
  }

  @Test
  void whatIsEncodedIsDecoded() {
    for (InvalidationDescriptor.Valid descriptor :
        List.of(
            ContextCacheInvalidate.global(),
            ContextCacheInvalidate.domain(0xfedc),
            ContextCacheInvalidate.device(3, 0xff07),
            IotlbInvalidate.global(),
            IotlbInvalidate.domain(0xffff),
            IotlbInvalidate.pages(12, 0x7fff_ffff_f000L, 18),
            InvalidationWait.status(0x3fff_ffff_fffcL, -1),
            InvalidationWait.interrupt())) {
      assertThat(decode(descriptor.lo(), descriptor.hi())).isEqualTo(descriptor);
    }
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

  @Test
  void everyReservedBitOfAValidTypeIsRefused() {
    for (InvalidationDescriptor.Valid valid :
        List.of(
            ContextCacheInvalidate.global(),
            IotlbInvalidate.global(),
            InvalidationWait.interrupt())) {
      long low =
          switch (valid) {
            case ContextCacheInvalidate _ -> ContextCacheInvalidate.RESERVED_LOW;
            case IotlbInvalidate _ -> IotlbInvalidate.RESERVED_LOW;
            case InvalidationWait _ -> InvalidationWait.RESERVED_LOW;
          };
      for (int bit = 0; bit < 64; bit++) {
        if ((low >>> bit & 1) != 0) {
          assertThat(decode(valid.lo() | 1L << bit, valid.hi()))
              .isEqualTo(invalid(QueueError.RESERVED_FIELD));
        }
      }
    }
  }

  @Test
  void theReservedGranularityIsRefused() {
    assertThat(decode(0x01, 0)).isEqualTo(invalid(QueueError.RESERVED_FIELD));
    assertThat(decode(0x02, 0)).isEqualTo(invalid(QueueError.RESERVED_FIELD));
  }

  @Test
  void aRangeBeyondTheMaximumAddressMaskIsRefused() {
    assertThat(decode(0x32, 18)).isInstanceOf(IotlbInvalidate.class);
    assertThat(decode(0x32, 19)).isEqualTo(invalid(QueueError.RESERVED_FIELD));
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
    }
  }
}
