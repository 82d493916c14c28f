package dev.portcullis.driver.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.FakeRegisters;
import dev.portcullis.driver.port.PagePool;
import dev.portcullis.driver.port.Patience;
import dev.portcullis.driver.port.Platform;
import dev.portcullis.spec.register.GlobalRegisters;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class GlobalCommandTest {
  private static final int GSTS = 0x01c;

  private final FakeRegisters registers = new FakeRegisters();
  private final AtomicLong now = new AtomicLong();
  private final GlobalCommand command =
      new GlobalCommand(
          new Platform(
              registers, null, new PagePool(0, 0), 46, new Patience(1000, now::incrementAndGet)));

  @Test
  void switchesStayAndOneShotBitsAreNotWrittenBack() throws Exception {
    registers.put(GSTS, 0xffff_ffffL & ~GlobalRegisters.TE.mask());
    registers.afterWrite(() -> registers.put(GSTS, 0xffff_ffffL));
    command.enable(GlobalRegisters.TE);
    assertThat(registers.written()).containsExactly("18=96ffffff");
  }

  @Test
  void aSwitchIsTurnedOffAlone() throws Exception {
    registers.put(GSTS, GlobalRegisters.TE.mask() | GlobalRegisters.QIE.mask());
    registers.afterWrite(() -> registers.put(GSTS, GlobalRegisters.QIE.mask()));
    command.disable(GlobalRegisters.TE);
    assertThat(registers.written()).containsExactly("18=4000000");
  }

  @Test
  void whatIsSoAlreadyIsNotCommanded() throws Exception {
    registers.put(GSTS, GlobalRegisters.QIE.mask());
    command.enable(GlobalRegisters.QIE);
    command.disable(GlobalRegisters.TE);
    assertThat(registers.written()).isEmpty();
  }

  @Test
  void aPointerIsTakenAgainEvenIfOneHasBeenBefore() throws Exception {
    registers.put(GSTS, GlobalRegisters.SRTP.mask() | GlobalRegisters.TE.mask());
    command.takePointer(GlobalRegisters.SRTP);
    assertThat(registers.written()).containsExactly("18=c0000000");
  }

  @Test
  void aUnitThatNeverObeysIsGivenUp() {
    assertThatThrownBy(() -> command.enable(GlobalRegisters.TE))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(DriverException.Reason.TIMED_OUT))
        .hasMessageContaining("TE on");
    assertThat(now.get()).isBetween(1000L, 1010L);
  }
}
