package dev.portcullis.unit;

import static dev.portcullis.spec.register.GlobalRegisters.GCMD;
import static dev.portcullis.spec.register.GlobalRegisters.GSTS;
import static dev.portcullis.spec.register.GlobalRegisters.QIE;
import static dev.portcullis.spec.register.GlobalRegisters.RTADDR;
import static dev.portcullis.spec.register.GlobalRegisters.SRTP;
import static dev.portcullis.spec.register.GlobalRegisters.TE;
import static dev.portcullis.unit.TestUnit.DOMAIN;
import static dev.portcullis.unit.TestUnit.READ_WRITE;
import static dev.portcullis.unit.TestUnit.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.InvalidationRegisters;
import dev.portcullis.spec.register.QueueRegisters;
import dev.portcullis.spec.table.ContextEntry;
import dev.portcullis.unit.request.Request;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegisterProtocolTest {
  private static final long IVA = 0x500;
  private static final long IOTLB = 0x508;

  private TestUnit test = TestUnit.legacy();

  private long translate(long iova) {
    return test.unit.translate(SOURCE, iova, Request.READ);
  }

  @Test
  void aUnitSaysWhatItIs() {
    assertThat(test.unit.readRegister(0x00, 4)).isEqualTo(0x10);
    assertThat(test.unit.readRegister(0x08, 8)).isEqualTo(0x00d2_078c_406f_0606L);
    assertThat(test.unit.readRegister(0x10, 8)).isEqualTo(0x50c3);
  }

  @Test
  void unusedSpaceReadsAsZeroAndIgnoresWrites() {
    for (long hole :
        new long[] {0x04, 0x30, 0x48, 0x60, 0x98, 0xd8, 0xf0, 0xb8, 0xc0, 0x64, 0xff8}) {
      test.unit.writeRegister(hole, 4, -1);
      assertThat(test.unit.readRegister(hole, 4)).as("%x", hole).isZero();
    }
    assertThat(test.unit.readRegister(-8, 8)).isZero();
    assertThat(test.unit.readRegister(4096, 8)).isZero();
    assertThat(test.unit.readRegister(Long.MAX_VALUE, 8)).isZero();
    test.unit.writeRegister(Long.MIN_VALUE, 8, -1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8})
  void aRegisterIsTheSameThroughAccessesOfEveryWidth(int width) {
    long value = 0x0123_4567_89ab_c000L;
    for (int at = 0; at < 8; at += width) {
      test.unit.writeRegister(RTADDR.offset() + at, width, value >>> 8 * at);
    }
    assertThat(test.read(RTADDR)).isEqualTo(value);
    long read = 0;
    for (int at = 0; at < 8; at += width) {
      read |= test.unit.readRegister(RTADDR.offset() + at, width) << 8 * at;
    }
    assertThat(read).isEqualTo(value);
  }

  @Test
  void anAccessAcrossTwoRegistersTouchesBoth() {
    test.unit.writeRegister(0x3c, 8, 0xfee0_1000_0000_0041L);
    assertThat(test.unit.readRegister(0x3c, 4)).isEqualTo(0x41);
    assertThat(test.unit.readRegister(0x40, 4)).isEqualTo(0xfee0_1000L);
    assertThat(test.unit.readRegister(0x3e, 4)).isEqualTo(0x1000_0000L);
  }

  @Test
  void everySwitchShowsInTheStatusWhenItsWriteReturns() {
    test.write(RTADDR, TestUnit.ROOT);
    test.write(GCMD, SRTP.mask());
    assertThat(test.read(GSTS)).isEqualTo(SRTP.mask());
    test.write(GCMD, QIE.mask());
    assertThat(test.read(GSTS)).isEqualTo(SRTP.mask() | QIE.mask());
    test.write(GCMD, QIE.mask() | TE.mask());
    assertThat(test.read(GSTS)).isEqualTo(SRTP.mask() | QIE.mask() | TE.mask());
    test.write(GCMD, QIE.mask());
    assertThat(test.read(GSTS)).isEqualTo(SRTP.mask() | QIE.mask());
    test.write(GCMD, 0);
    assertThat(test.read(GSTS)).isEqualTo(SRTP.mask());
    assertThat(test.read(GCMD)).isZero();
  }

  @Test
  void switchesOfFeaturesThatAreNotThereStayOff() {
    test = new TestUnit(UnitConfiguration.Preset.REGISTER_BASED.builder().build());
    test.write(GCMD, 0x0780_0000L | 0x0800_0000L);
    assertThat(test.read(GSTS)).isZero();
  }

  @Test
  void aRootTableAddressTakesEffectWithItsCommandOnly() {
    long tables = test.attach(4);
    test.map(tables, 4, 1, 0x5000, 0x40_0000 | READ_WRITE);
    test.enable();
    test.write(RTADDR, 0xdead_0000L);

    assertThat(translate(0x5000)).isEqualTo(0x40_0000);
    assertThat(test.read(RTADDR)).isEqualTo(0xdead_0000L);
  }

  @Test
  void anEnhancedRootTablePointerCommandFlushesEverything() {
    test =
        new TestUnit(
            UnitConfiguration.builder().with(Feature.ENHANCED_SET_ROOT_TABLE_POINTER).build());
    long tables = test.attach(4);
    long leaf = test.map(tables, 4, 1, 0x5000, 0x40_0000 | READ_WRITE);
    test.enable();
    translate(0x5000);
    test.store(leaf, 0x50_0000 | READ_WRITE);
    test.command(SRTP.mask(), 0);

    assertThat(translate(0x5000)).isEqualTo(0x50_0000);
  }

  @Test
  void withoutThatTheOldTranslationsStay() {
    long tables = test.attach(4);
    long leaf = test.map(tables, 4, 1, 0x5000, 0x40_0000 | READ_WRITE);
    test.enable();
    translate(0x5000);
    test.store(leaf, 0x50_0000 | READ_WRITE);
    test.command(SRTP.mask(), 0);

    assertThat(translate(0x5000)).isEqualTo(0x40_0000);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "3, 3", "0, 0"})
  void aContextCommandSaysWhatItDid(int asked, int done) {
    test.write(InvalidationRegisters.CCMD, 1L << 63 | (long) asked << 61 | DOMAIN);
    long ccmd = test.read(InvalidationRegisters.CCMD);
    assertThat(InvalidationRegisters.ICC.isSet(ccmd)).isFalse();
    assertThat(InvalidationRegisters.CAIG.of(ccmd)).isEqualTo(done);
  }

  @ParameterizedTest
  @CsvSource({"1, 0, 1", "2, 0, 2", "3, 0, 3", "3, 18, 3", "3, 19, 0", "0, 0, 0"})
  void anIotlbCommandSaysWhatItDid(int asked, int pageLog2, int done) {
    test.unit.writeRegister(IVA, 8, pageLog2);
    test.unit.writeRegister(IOTLB, 8, 1L << 63 | (long) asked << 60);
    long iotlb = test.unit.readRegister(IOTLB, 8);
    assertThat(InvalidationRegisters.IVT.isSet(iotlb)).isFalse();
    assertThat(InvalidationRegisters.IAIG.of(iotlb)).isEqualTo(done);
  }

  @Test
  void aCommandWrittenInHalvesActsWithItsHighHalf() {
    long tables = test.attach(4);
    long leaf = test.map(tables, 4, 1, 0x5000, 0x40_0000 | READ_WRITE);
    test.enable();
    translate(0x5000);
    test.store(leaf, 0x50_0000 | READ_WRITE);

    test.unit.writeRegister(IVA, 4, 0x5000);
    test.unit.writeRegister(IVA + 4, 4, 0);
    test.unit.writeRegister(IOTLB, 4, 0);
    assertThat(translate(0x5000)).isEqualTo(0x40_0000);
    test.unit.writeRegister(IOTLB + 4, 4, 0xb000_0000L | DOMAIN);
    assertThat(translate(0x5000)).isEqualTo(0x50_0000);
  }

  @Test
  void aDeviceIsFoundBySourceAndFunctionMask() {
    test.attach(4);
    test.enable();
    test.context(SOURCE, ContextEntry.present(2, 0, 4, DOMAIN));
    assertThat(translate(0x9000)).isEqualTo(0x9000);
    test.context(SOURCE, new ContextEntry(0, 0));
    test.write(InvalidationRegisters.CCMD, 1L << 63 | 3L << 61 | (SOURCE ^ 4) << 16 | DOMAIN);
    assertThat(translate(0x9000)).as("another function").isEqualTo(0x9000);
    test.write(
        InvalidationRegisters.CCMD, 1L << 63 | 3L << 61 | 1L << 32 | (SOURCE ^ 4) << 16 | DOMAIN);
    assertThat(translate(0x9000)).isNegative();
  }

  @Test
  void registersDoNotInvalidateWhileTheQueueIsInUse() {
    test.enableQueue();
    test.write(InvalidationRegisters.CCMD, 1L << 63 | 1L << 61);
    test.unit.writeRegister(IOTLB, 8, 1L << 63 | 1L << 60);
    assertThat(test.read(InvalidationRegisters.CCMD) >>> 59).isEqualTo(0b0100);
    assertThat(test.unit.readRegister(IOTLB, 8) >>> 57).isEqualTo(0b0001000);
    assertThat(test.unit.statistics().invalidationsInAll()).isZero();
  }

  @Test
  void aTableModeThatDoesNotExistRefusesEveryRequest() {
    test.attach(4);
    test.write(RTADDR, TestUnit.ROOT | 0x400);
    test.command(SRTP.mask(), 0);
    test.command(TE.mask(), 0);

    assertThat(translate(0x5000)).isNegative();
    assertThat(test.faultReason(0)).isEqualTo(0x30);
  }

  @Test
  void resetGoesBackToPowerOn() {
    long tables = test.attach(4);
    test.map(tables, 4, 1, 0x5000, 0x40_0000 | READ_WRITE);
    test.enable();
    test.enableQueue();
    translate(0x5000);
    translate(0x6000);
    test.unit.reset();

    assertThat(test.read(GSTS)).isZero();
    assertThat(test.read(RTADDR)).isZero();
    assertThat(test.read(QueueRegisters.IQA)).isZero();
    assertThat(test.unit.readRegister(0x38, 4)).isEqualTo(0x8000_0000L);
    assertThat(test.unit.readRegister(0x08, 8)).isNotZero();
    assertThat(test.faultHigh(0)).isZero();
    assertThat(translate(0x5000)).isEqualTo(0x5000);
  }

  @Test
  void nothingSoftwareWritesMakesARegisterAccessThrow() {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 200_000; i++) {
      long offset = random.nextInt(0x600);
      int width = 1 << random.nextInt(4);
      if (random.nextBoolean()) {
        test.unit.writeRegister(offset, width, random.nextLong());
      } else {
        test.unit.readRegister(offset, width);
      }
      if ((i & 15) == 0) {
        test.unit.translate(SOURCE, random.nextLong(), Request.WRITE);
      }
    }
  }
}
