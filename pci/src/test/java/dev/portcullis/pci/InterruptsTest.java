package dev.portcullis.pci;

import static dev.portcullis.pci.SampleFunction.MSI;
import static dev.portcullis.pci.SampleFunction.MSIX;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InterruptsTest {
  private final SampleFunction function = SampleFunction.mastering();
  private final Interrupts irqs = function.irqs();

  private void enableMsi(int log2Granted) {
    function.writeConfig(MSI + 4, 8, 0xfee0_1000L);
    function.writeConfig(MSI + 0xc, 2, 0x4123);
    function.writeConfig(MSI + 2, 2, 1 | log2Granted << 4);
  }

  private void enableMsix() {
    for (int vector = 0; vector < 65; vector++) {
      function.writeBar(0, 0x1000 + 16 * vector, 8, 0x1_fee0_0000L);
      function.writeBar(0, 0x1008 + 16 * vector, 4, 0x100 + vector);
      function.writeBar(0, 0x100c + 16 * vector, 4, 0);
    }
    function.writeConfig(MSIX + 2, 2, 1 << 15);
  }

  private boolean isPinStatusSet() {
    return (function.readConfig(ConfigRegisters.STATUS, 2) & 1 << 3) != 0;
  }

  @Test
  void thePinIsUpAsLongAsAnyReasonStands() {
    irqs.raise(0);
    irqs.raise(3);
    assertThat(function.pin).isEqualTo(IntxLine.Level.ASSERTED);
    assertThat(isPinStatusSet()).isTrue();
    irqs.lower(0);
    assertThat(function.pin).isEqualTo(IntxLine.Level.ASSERTED);
    irqs.lower(3);
    assertThat(function.pin).isEqualTo(IntxLine.Level.DEASSERTED);
    assertThat(isPinStatusSet()).isFalse();
    assertThat(function.far.messages).isEmpty();
  }

  @Test
  void interruptDisableTakesThePinDownButNotTheStatusBit() {
    irqs.raise(0);
    function.writeConfig(ConfigRegisters.COMMAND, 2, 4 | 1 << 10);
    assertThat(function.pin).isEqualTo(IntxLine.Level.DEASSERTED);
    assertThat(isPinStatusSet()).isTrue();
    function.writeConfig(ConfigRegisters.COMMAND, 2, 4);
    assertThat(function.pin).isEqualTo(IntxLine.Level.ASSERTED);
  }

  @Test
  void msiTakesOverFromThePin() {
    irqs.raise(0);
    enableMsi(0);
    assertThat(function.pin).isEqualTo(IntxLine.Level.DEASSERTED);
    irqs.raise(0);
    assertThat(function.far.messages).containsExactly("fee01000=4123");
  }

  @Test
  void vectorsShareTheMessagesThatSoftwareGrants() {
    enableMsi(1);
    assertThat(irqs.vectors()).isEqualTo(2);
    irqs.raise(0);
    irqs.raise(1);
    irqs.raise(2);
    irqs.raise(3);
    assertThat(function.far.messages)
        .containsExactly("fee01000=4122", "fee01000=4123", "fee01000=4122", "fee01000=4123");
  }

  @Test
  void moreMessagesThanAskedForAreNotGranted() {
    enableMsi(5);
    assertThat(irqs.vectors()).isEqualTo(4);
  }

  @Test
  void aMaskedMsiIsPendingUntilUnmasked() {
    enableMsi(2);
    function.writeConfig(MSI + 0x10, 4, 1 << 2);
    irqs.raise(2);
    irqs.raise(2);
    assertThat(function.far.messages).isEmpty();
    assertThat(function.readConfig(MSI + 0x14, 4)).isEqualTo(1 << 2);
    function.writeConfig(MSI + 0x10, 4, 0);
    assertThat(function.far.messages).containsExactly("fee01000=4122");
    assertThat(function.readConfig(MSI + 0x14, 4)).isZero();
  }

  @Test
  void aReasonThatGoesAwayIsNoLongerPending() {
    enableMsi(0);
    function.writeConfig(MSI + 0x10, 4, 1);
    irqs.raise(0);
    irqs.lower(0);
    function.writeConfig(MSI + 0x10, 4, 0);
    assertThat(function.far.messages).isEmpty();
  }

  @Test
  void msixEntriesStartMasked() {
    assertThat(function.readBar(0, 0x100c, 4)).isEqualTo(1);
    assertThat(function.readBar(0, 0x1008, 8)).isEqualTo(1L << 32);
  }

  @Test
  void msixHasPrecedenceAndSendsEachVectorsOwnMessage() {
    enableMsi(0);
    enableMsix();
    irqs.raise(64);
    irqs.raise(1);
    assertThat(function.far.messages).containsExactly("1fee00000=140", "1fee00000=101");
  }

  @Test
  void aMaskedMsixVectorIsPendingUntilUnmasked() {
    enableMsix();
    function.writeBar(0, 0x1000 + 16 * 64 + 12, 4, 1);
    irqs.raise(64);
    assertThat(function.readBar(0, 0x2008, 8)).isEqualTo(1);
    assertThat(function.readBar(0, 0x2008, 4)).isEqualTo(1);
    function.writeBar(0, 0x2008, 8, 0);
    assertThat(function.readBar(0, 0x2008, 8)).isEqualTo(1);
    function.writeBar(0, 0x1000 + 16 * 64 + 8, 8, 0x777);
    assertThat(function.far.messages).containsExactly("1fee00000=777");
    assertThat(function.readBar(0, 0x2008, 8)).isZero();
  }

  @Test
  void theFunctionMaskHoldsAllVectorsBack() {
    enableMsix();
    function.writeConfig(MSIX + 2, 2, 3 << 14);
    irqs.raise(2);
    irqs.raise(40);
    irqs.lower(40);
    assertThat(function.readBar(0, 0x2004, 4)).isZero();
    assertThat(function.readBar(0, 0x2000, 8)).isEqualTo(4);
    assertThat(function.far.messages).isEmpty();
    function.writeConfig(MSIX + 2, 2, 2 << 14);
    assertThat(function.far.messages).containsExactly("1fee00000=102");
  }

  @Test
  void oddAccessesToTheTableAreDropped() {
    function.writeBar(0, 0x1000, 4, 0xfee0_0000L);
    function.writeBar(0, 0x1000, 2, 0x1234);
    function.writeBar(0, 0x1002, 4, 0x1234);
    function.writeBar(0, 0x1004, 8, 0x1234);
    assertThat(function.readBar(0, 0x1000, 8)).isEqualTo(0xfee0_0000L);
    assertThat(function.readBar(0, 0x1000, 1)).isZero();
  }

  @Test
  void aVectorThatTheTableLacksIsDropped() {
    enableMsix();
    irqs.raise(65);
    irqs.lower(65);
    assertThat(function.far.messages).isEmpty();
  }

  @Test
  void noMessageLeavesAFunctionThatIsNoBusMaster() {
    enableMsi(0);
    function.writeConfig(ConfigRegisters.COMMAND, 2, 0);
    irqs.raise(0);
    assertThat(function.far.messages).isEmpty();
  }

  @Test
  void aResetMasksAndForgets() {
    enableMsix();
    irqs.raise(0);
    function.reset();
    assertThat(irqs.mode()).isEqualTo(Interrupts.Mode.PIN);
    assertThat(function.pin).isEqualTo(IntxLine.Level.DEASSERTED);
    assertThat(function.readBar(0, 0x1000, 8)).isZero();
    assertThat(function.readBar(0, 0x100c, 4)).isEqualTo(1);
  }
}
