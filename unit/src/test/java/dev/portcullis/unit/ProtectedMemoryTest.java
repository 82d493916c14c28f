package dev.portcullis.unit;

import static dev.portcullis.spec.register.ProtectedMemoryRegisters.PHMBASE;
import static dev.portcullis.spec.register.ProtectedMemoryRegisters.PHMLIMIT;
import static dev.portcullis.spec.register.ProtectedMemoryRegisters.PLMBASE;
import static dev.portcullis.spec.register.ProtectedMemoryRegisters.PLMLIMIT;
import static dev.portcullis.spec.register.ProtectedMemoryRegisters.PMEN;
import static dev.portcullis.unit.TestUnit.READ_WRITE;
import static dev.portcullis.unit.TestUnit.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.spec.register.FaultRegisters;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.request.Request;
import org.junit.jupiter.api.Test;

class ProtectedMemoryTest {
  private final TestUnit test =
      new TestUnit(
          UnitConfiguration.builder()
              .with(Feature.PROTECTED_LOW_MEMORY, Feature.PROTECTED_HIGH_MEMORY)
              .build());

  private long translate(long iova) {
    return test.unit.translate(SOURCE, iova, Request.READ);
  }

  @Test
  void theGrainIsFoundByWritingOnes() {
    test.write(PLMBASE, -1);
    test.write(PHMLIMIT, -1);
    assertThat(test.read(PLMBASE)).isEqualTo(0xffe0_0000L);
    assertThat(test.read(PHMLIMIT)).isEqualTo(0x3fff_ffe0_0000L);
  }

  @Test
  void nothingReachesAProtectedRegionTranslatedOrNot() {
    long tables = test.attach(4);
    test.map(tables, 4, 1, 0x5000, 0x40_0000 | READ_WRITE);
    test.map(tables, 4, 1, 0x6000, 0x80_0000 | READ_WRITE);
    test.write(PLMBASE, 0x40_0000);
    test.write(PLMLIMIT, 0x60_0000);
    test.write(PHMBASE, 0x1_0000_0000L);
    test.write(PHMLIMIT, 0x1_0000_0000L);
    test.write(PMEN, 0x8000_0000L);
    assertThat(test.read(PMEN)).isEqualTo(0x8000_0001L);

    assertThat(translate(0x3f_ffff)).isEqualTo(0x3f_ffff);
    assertThat(translate(0x40_0000)).isNegative();
    assertThat(translate(0x7f_ffff)).isNegative();
    assertThat(translate(0x80_0000)).isEqualTo(0x80_0000);
    assertThat(translate(0x1_001f_ffffL)).isNegative();
    assertThat(translate(0x1_0020_0000L)).isEqualTo(0x1_0020_0000L);
    test.enable();
    assertThat(translate(0x5000)).isNegative();
    assertThat(translate(0x6000)).isEqualTo(0x80_0000);
    assertThat(test.read(FaultRegisters.FSTS)).as("no fault is recorded").isZero();

    test.write(PMEN, 0);
    assertThat(test.read(PMEN)).isZero();
    assertThat(translate(0x5000)).isEqualTo(0x40_0000);
  }

  @Test
  void anEmptyRegionProtectsNothing() {
    test.write(PLMBASE, 0x80_0000);
    test.write(PLMLIMIT, 0x20_0000);
    test.write(PMEN, 0x8000_0000L);
    assertThat(translate(0x30_0000)).isEqualTo(0x30_0000);
    assertThat(translate(0x80_0000)).isEqualTo(0x80_0000);
  }
}
