package dev.portcullis.driver.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.FakeRegisters;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.TableMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiscoveryTest {
  private static final int VER = 0x000;
  private static final int CAP = 0x008;
  private static final int ECAP = 0x010;

  // Values often seen: a client's unit without scalable mode, a server's with it.
  private static final long CLIENT_CAP = 0x00d2_008c_4066_0462L;
  private static final long CLIENT_ECAP = 0x0000_0000_00f0_50daL;
  private static final long SCALABLE_CAP = 0xd9d2_078c_4078_0e06L;
  private static final long SCALABLE_ECAP = 0x0033_ef9e_a4f0_50dfL;

  private static Capabilities discover(long version, long cap, long ecap) throws DriverException {
    FakeRegisters registers = new FakeRegisters().put(VER, version).put(CAP, cap).put(ECAP, ecap);
    return Discovery.discover(registers, 46);
  }

  @Test
  void aClientsUnitIsDrivenInLegacyMode() throws Exception {
    Capabilities found = discover(0x10, CLIENT_CAP, CLIENT_ECAP);
    assertThat(Discovery.bestMode(found)).isEqualTo(TableMode.LEGACY);
    assertThat(Discovery.supports(found, TableMode.SCALABLE)).isFalse();
    UnitTraits traits = new UnitTraits(found, TableMode.LEGACY);
    assertThat(traits.secondStageLevels()).isEqualTo(4);
    assertThat(traits.secondStagePageLevel()).isEqualTo(3);
    assertThat(traits.secondStageBits(4)).isEqualTo(39);
    assertThat(traits.domainIds()).isEqualTo(256);
    assertThat(traits.mustFlushPaging()).isTrue();
    assertThat(traits.pasidBits()).isZero();
  }

  @Test
  void aServersUnitIsDrivenInScalableMode() throws Exception {
    Capabilities found = discover(0x50, SCALABLE_CAP, SCALABLE_ECAP);
    assertThat(Discovery.bestMode(found)).isEqualTo(TableMode.SCALABLE);
    UnitTraits traits = new UnitTraits(found, TableMode.SCALABLE);
    assertThat(traits.hasFirstStage()).isTrue();
    assertThat(traits.mostSecondStageLevels()).isEqualTo(5);
    assertThat(traits.pasidBits()).isEqualTo(20);
    assertThat(traits.mustFlushPaging()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "-1, -1, -1, all ones",
    "0, 0, 0, CAP is 0",
    "16, 0x00d2008c40660467, 0xf050da, reserved value",
    "16, 0x00d2008c40660062, 0xf050da, without an address width",
    "16, 0x00d2008c40660462, 0xf050d8, no invalidation queue",
    "96, 0x00d2008c40660462, 0x50d0, neither an invalidation queue nor",
  })
  void whatCannotBeIsRefused(String version, String cap, String ecap, String complaint) {
    assertThatThrownBy(() -> discover(Long.decode(version), Long.decode(cap), Long.decode(ecap)))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(DriverException.Reason.UNSUPPORTED))
        .hasMessageContaining(complaint);
  }

  @Test
  void theWidthOfAddressesMustMakeSense() {
    FakeRegisters registers =
        new FakeRegisters().put(VER, 0x10).put(CAP, CLIENT_CAP).put(ECAP, CLIENT_ECAP);
    assertThatThrownBy(() -> Discovery.discover(registers, 53)).hasMessageContaining("53 bits");
  }
}
