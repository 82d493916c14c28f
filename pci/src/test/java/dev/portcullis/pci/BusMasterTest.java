package dev.portcullis.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class BusMasterTest {
  private static final MemorySegment BUFFER = Arena.global().allocate(16);

  @Test
  void aFunctionThatIsNoBusMasterIssuesNothing() {
    SampleFunction function = new SampleFunction();
    assertThat(function.near().read(0, BUFFER, 0, 16)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(function.near().write(0, BUFFER, 0, 16)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(function.near().zeroLengthRead(0)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(function.near().message(0, 0)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(function.far.requests).isZero();
    assertThat(function.far.messages).isEmpty();
    assertThat(status(function) & 0xf000).isZero();
  }

  @Test
  void aBusMasterReachesTheOtherEnd() {
    SampleFunction function = SampleFunction.mastering();
    assertThat(function.near().read(0, BUFFER, 0, 16).isSuccess()).isTrue();
    assertThat(function.near().write(0, BUFFER, 0, 16).isSuccess()).isTrue();
    assertThat(function.near().zeroLengthRead(0).isSuccess()).isTrue();
    assertThat(function.far.requests).isEqualTo(3);
    assertThat(status(function) & 0xf000).isZero();
  }

  @Test
  void aBlockedRequestIsNotedAsMasterAbort() {
    SampleFunction function = SampleFunction.mastering();
    function.far.answer = Completion.UNSUPPORTED_REQUEST;
    function.near().read(0, BUFFER, 0, 16);
    assertThat(status(function) & 0xf000).isEqualTo(ConfigRegisters.RECEIVED_MASTER_ABORT);
  }

  @Test
  void anAbortedRequestIsNotedAsTargetAbort() {
    SampleFunction function = SampleFunction.mastering();
    function.far.answer = Completion.COMPLETER_ABORT;
    function.near().write(0, BUFFER, 0, 16);
    assertThat(status(function) & 0xf000).isEqualTo(ConfigRegisters.RECEIVED_TARGET_ABORT);
  }

  @Test
  void aSleepingFunctionNeitherAsksNorAnswers() {
    SampleFunction function = SampleFunction.mastering();
    function.writeConfig(
        ConfigRegisters.COMMAND,
        2,
        ConfigRegisters.BUS_MASTER_ENABLE | ConfigRegisters.MEMORY_SPACE_ENABLE);
    assertThat(function.decodesMemory()).isTrue();
    function.writeConfig(SampleFunction.PM + 4, 2, 3);
    assertThat(function.decodesMemory()).isFalse();
    assertThat(function.near().zeroLengthRead(0).isSuccess()).isFalse();
    function.writeConfig(SampleFunction.PM + 4, 2, 0);
    assertThat(function.decodesMemory()).isTrue();
    assertThat(function.near().zeroLengthRead(0).isSuccess()).isTrue();
  }

  @Test
  void powerStatesThatAreNotThereAreNotEntered() {
    SampleFunction function = SampleFunction.mastering();
    function.writeConfig(SampleFunction.PM + 4, 2, 1);
    assertThat(function.readConfig(SampleFunction.PM + 4, 2)).isEqualTo(8);
    function.writeConfig(SampleFunction.PM + 4, 2, 3);
    function.writeConfig(SampleFunction.PM + 4, 2, 2);
    assertThat(function.readConfig(SampleFunction.PM + 4, 2)).isEqualTo(8 | 3);
  }

  @Test
  void aFunctionLevelResetReallyResets() {
    SampleFunction function = SampleFunction.mastering();
    function.writeConfig(0x10, 8, 0xfebf_0000L);
    function.writeConfig(SampleFunction.EXPRESS + 8, 2, 1 << 15);
    assertThat(function.readConfig(SampleFunction.EXPRESS + 8, 2)).isEqualTo(0x2810);
    assertThat(function.readConfig(0x10, 8)).isEqualTo(4);
    assertThat(function.near().zeroLengthRead(0).isSuccess()).isFalse();
  }

  private static long status(SampleFunction function) {
    return function.readConfig(ConfigRegisters.STATUS, 2);
  }
}
