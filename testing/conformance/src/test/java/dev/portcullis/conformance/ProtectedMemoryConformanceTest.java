package dev.portcullis.conformance;

import static dev.portcullis.conformance.Scenario.IOVA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.kit.register.Registers.Protection;
import dev.portcullis.kit.table.Paging;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.request.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Memory that no request reaches, translated or not.
class ProtectedMemoryConformanceTest {
  private final TestMachine machine =
      TestMachine.withUnit(
          builder -> builder.with(Feature.PROTECTED_LOW_MEMORY, Feature.PROTECTED_HIGH_MEMORY));
  private final Registers registers = machine.registers();
  private final TestDevice device = machine.device("00:03.0");
  private final long lowGranule = granule(Offsets.PLMBASE, 4);
  private final long highGranule = granule(Offsets.PHMBASE, 8);

  /// The smallest region, found as software finds it: by writing all ones.
  private long granule(int base, int width) {
    registers.write(base, width, -1);
    long granule = Long.lowestOneBit(registers.read(base, width));
    registers.write(base, width, 0);
    return granule;
  }

  private void protectLow(long base, long limit) {
    registers.write32(Offsets.PLMBASE, base);
    registers.write32(Offsets.PLMLIMIT, limit);
    // No region: the limit lies below the base.
    registers.write64(Offsets.PHMBASE, highGranule);
    registers.write64(Offsets.PHMLIMIT, 0);
    registers.protectMemory(Protection.ON);
  }

  private void protectHigh(long base, long limit) {
    registers.write64(Offsets.PHMBASE, base);
    registers.write64(Offsets.PHMLIMIT, limit);
    registers.write32(Offsets.PLMBASE, lowGranule);
    registers.write32(Offsets.PLMLIMIT, 0);
    registers.protectMemory(Protection.ON);
  }

  private void refused(Request request, long iova) {
    Expect.of(machine, device, request, iova).silence();
  }

  private void allowed(Request request, long iova, long hpa) {
    Expect.of(machine, device, request, iova).at(hpa);
  }

  @Test
  @Covers({
    "register PLMBASE.PLMB",
    "register PLMLIMIT.PLML",
    "register PHMBASE.PHMB",
    "register PHMLIMIT.PHML",
    "register CAP.PLMR",
    "register CAP.PHMR"
  })
  void theGranuleIsFoundByWritingOnes() {
    assertThat(lowGranule).isGreaterThanOrEqualTo(4096).isLessThan(1L << 32);
    assertThat(highGranule).isGreaterThanOrEqualTo(4096);
    registers.write32(Offsets.PLMBASE, -1);
    assertThat(registers.read32(Offsets.PLMBASE)).isEqualTo(0xffff_ffffL & -lowGranule);
    registers.write32(Offsets.PLMLIMIT, -1);
    assertThat(registers.read32(Offsets.PLMLIMIT) & -lowGranule)
        .isEqualTo(0xffff_ffffL & -lowGranule);
    long host = (1L << machine.facts().hostAddressBits()) - 1;
    registers.write64(Offsets.PHMBASE, -1);
    assertThat(registers.read64(Offsets.PHMBASE)).isEqualTo(host & -highGranule);
    registers.write64(Offsets.PHMLIMIT, -1);
    assertThat(registers.read64(Offsets.PHMLIMIT) & -highGranule).isEqualTo(host & -highGranule);
  }

  @ParameterizedTest
  @EnumSource(Request.class)
  @Covers({"register PMEN.EPM", "register PMEN.PRS", "register CAP.PLMR"})
  void withTranslationOffALowRegionIsOutOfReach(Request request) {
    long base = 4 * lowGranule;
    protectLow(base, base);
    allowed(request, base - 1, base - 1);
    refused(request, base);
    refused(request, base + lowGranule - 1);
    allowed(request, base + lowGranule, base + lowGranule);
  }

  @ParameterizedTest
  @EnumSource(Request.class)
  @Covers("register CAP.PHMR")
  void withTranslationOffAHighRegionIsOutOfReach(Request request) {
    long base = 1L << 33;
    protectHigh(base, base + 3 * highGranule);
    allowed(request, base - 1, base - 1);
    refused(request, base);
    refused(request, base + 4 * highGranule - 1);
    allowed(request, base + 4 * highGranule, base + 4 * highGranule);
  }

  @Test
  void aHighRegionMayLieBelowFourGibibytes() {
    protectHigh(16 * highGranule, 16 * highGranule);
    refused(Request.READ, 16 * highGranule);
    allowed(Request.READ, 17 * highGranule, 17 * highGranule);
  }

  @Test
  void bothRegionsAreProtectedAtOnce() {
    registers.write32(Offsets.PLMBASE, 4 * lowGranule);
    registers.write32(Offsets.PLMLIMIT, 4 * lowGranule);
    registers.write64(Offsets.PHMBASE, 1L << 33);
    registers.write64(Offsets.PHMLIMIT, 1L << 33);
    registers.protectMemory(Protection.ON);
    refused(Request.WRITE, 4 * lowGranule);
    refused(Request.WRITE, 1L << 33);
    allowed(Request.WRITE, 6 * lowGranule, 6 * lowGranule);
  }

  @Test
  void aRegionWhoseLimitIsBelowItsBaseIsEmpty() {
    protectLow(8 * lowGranule, 7 * lowGranule);
    allowed(Request.READ, 7 * lowGranule, 7 * lowGranule);
    allowed(Request.READ, 8 * lowGranule, 8 * lowGranule);
  }

  @Test
  @Covers({"register PMEN.EPM", "register PMEN.PRS"})
  void protectionEndsWhenItIsTurnedOff() {
    protectLow(4 * lowGranule, 4 * lowGranule);
    refused(Request.READ, 4 * lowGranule);
    assertThat(registers.read32(Offsets.PMEN)).isEqualTo(1L << 31 | 1);
    registers.protectMemory(Protection.OFF);
    assertThat(registers.read32(Offsets.PMEN)).isZero();
    allowed(Request.READ, 4 * lowGranule, 4 * lowGranule);
  }

  @Test
  void withTranslationOnTheAddressThatReachesMemoryCounts() {
    long region = 4 * lowGranule;
    long page = machine.page();
    device.map(IOVA, region).map(region, page);
    machine.translating();
    allowed(Request.READ, IOVA, region);
    protectLow(region, region);
    // What is cached is refused, too; and an address inside the region that leads out is not.
    refused(Request.READ, IOVA);
    refused(Request.WRITE, IOVA + 8);
    allowed(Request.READ, region, page);
    registers.protectMemory(Protection.OFF);
    allowed(Request.READ, IOVA, region);
  }

  @Test
  void onlyThePartOfALargePageThatIsProtectedIsOutOfReach() {
    long iova = 0x4000_0000L;
    device.attach(machine.domain(1, 4).map(iova, 0, Paging.RW, 3));
    machine.translating();
    long region = 4 * lowGranule;
    protectLow(region, region);
    allowed(Request.READ, iova, 0);
    refused(Request.READ, iova + region);
    allowed(Request.READ, iova + region + lowGranule, region + lowGranule);
  }

  @Test
  void passedThroughRequestsAreRefusedToo() {
    device.passThrough(1);
    machine.translating();
    long region = 4 * lowGranule;
    protectLow(region, region);
    refused(Request.READ, region);
    allowed(Request.READ, region + lowGranule, region + lowGranule);
  }

  @Test
  void tablesAndQueueMayLieInProtectedMemory() {
    long page = 8 * lowGranule;
    device.map(IOVA, page);
    protectLow(0, (GuestMemory.LOW_BYTES - 1) & -lowGranule);
    machine.translating();
    machine.queue().complete();
    allowed(Request.READ, IOVA, page);
  }

  @Test
  @Covers({"register CAP.PLMR", "register CAP.PHMR", "register PMEN.EPM"})
  void withoutRegionsThereIsNothingToEnable() {
    Registers plain = TestMachine.withUnit().registers();
    plain.write32(Offsets.PMEN, -1);
    assertThat(plain.read32(Offsets.PMEN)).isZero();
    plain.write32(Offsets.PLMBASE, -1);
    plain.write64(Offsets.PHMBASE, -1);
    assertThat(plain.read32(Offsets.PLMBASE)).isZero();
    assertThat(plain.read64(Offsets.PHMBASE)).isZero();
  }
}
