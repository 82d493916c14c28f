package dev.portcullis.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

/// What a function says of itself as one of several.
class SeveralFunctionsTest {
  private static final int HEADER_TYPE = 0x0e;
  private static final int ACS_ID = 0x000d;
  private static final int AFTER_SERIAL_NUMBER = 0x10c;

  private final SampleFunction function = new SampleFunction();

  @Test
  void functionZeroSaysThatThereAreOthers_alsoAfterAReset() {
    assertThat(function.readConfig(HEADER_TYPE, 1)).isZero();
    function.announceMoreFunctions();
    function.reset();
    assertThat(function.readConfig(HEADER_TYPE, 1)).isEqualTo(0x80);
  }

  @Test
  void accessControlIsTheLastExtendedCapability_andCannotBeTurnedOff() {
    AccessControl control = new AccessControl();
    function.add(control);
    function.reset();
    assertThat(control.at()).isEqualTo(AFTER_SERIAL_NUMBER);
    assertThat(function.readConfig(0x100, 4) >>> 20).isEqualTo(AFTER_SERIAL_NUMBER);
    assertThat(function.readConfig(AFTER_SERIAL_NUMBER, 4)).isEqualTo(1 << 16 | ACS_ID);
    function.writeConfig(AFTER_SERIAL_NUMBER + 4, 4, -1);
    assertThat(function.readConfig(AFTER_SERIAL_NUMBER + 4, 4)).isZero();
    assertThat(function.capabilities()).contains(control);
  }

  @Test
  void onlyAnExtendedCapabilityIsAdded() {
    assertThatIllegalArgumentException().isThrownBy(() -> function.add(new Msi(1)));
  }
}
