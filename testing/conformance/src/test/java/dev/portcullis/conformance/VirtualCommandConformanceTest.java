package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.spec.register.Feature;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The commands by which an emulated unit hands out PASIDs.
class VirtualCommandConformanceTest {
  private static final int VCMD = 0xe00;
  private static final int VCRSP = 0xe10;
  private static final int VCCAP = 0xe30;
  private static final int NULL = 0;
  private static final int ALLOCATE = 1;
  private static final int FREE = 2;

  private final Registers registers =
      TestMachine.withUnit(builder ->
              builder
                  .with(Feature.VIRTUAL_COMMANDS, Feature.SCALABLE_MODE, Feature.PASID)
                  .pasidBits(4))
          .registers();

  private long command(int command, long operand) {
    registers.write64(VCMD, operand << 16 | command);
    return registers.read64(VCRSP);
  }

  private static int status(long response) {
    return (int) response >> 1 & 0x7f;
  }

  @Test
  @Covers({
    "register VCCAP.NS",
    "register VCCAP.PAS",
    "register VCCAP.FPS",
    "register ECAP.VCS",
    "register VCMD.CMD",
    "register VCRSP.SC"
  })
  void theCommandsThatThereAreAreAnnouncedAndTheNullCommandDoesNothing() {
    assertThat(registers.read64(VCCAP)).isEqualTo(7);
    assertThat(command(NULL, 0)).isZero();
    assertThat(status(command(3, 0))).isEqualTo(1);
  }

  @Test
  @Covers({"register VCRSP.RSLT", "register VCMD.OA"})
  void everyPasidButZeroIsGivenOutOnceUntilItIsFreed() {
    Set<Long> given = new HashSet<>();
    for (int i = 1; i < 16; i++) {
      long response = command(ALLOCATE, 0);
      assertThat(status(response)).isZero();
      given.add(response >>> 16);
    }
    assertThat(given).hasSize(15).doesNotContain(0L).allMatch(pasid -> pasid < 16);
    assertThat(status(command(ALLOCATE, 0))).as("none left").isEqualTo(16);

    assertThat(status(command(FREE, 7))).isZero();
    assertThat(command(ALLOCATE, 0) >>> 16).isEqualTo(7);
  }

  @Test
  @Covers({"register VCRSP.IP", "register VCMD_EO.OB"})
  void aCommandHasEndedWhenItsWriteHas() {
    registers.write64(VCMD + 8, -1L);

    assertThat(command(ALLOCATE, 0) & 1).isZero();
    assertThat(registers.read64(VCMD + 8)).as("write-only").isZero();
  }

  @Test
  void aPasidThatIsNotGivenOutCannotBeFreed() {
    assertThat(status(command(FREE, 3))).isEqualTo(16);
    assertThat(status(command(FREE, 0))).isEqualTo(16);
    assertThat(status(command(FREE, 0xf_ffff))).isEqualTo(16);
  }
}
