package dev.portcullis.machine.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.portcullis.machine.guest.EduDma.Direction;
import dev.portcullis.machine.guest.EduDma.Outcome;
import dev.portcullis.pci.RequesterId;
import org.junit.jupiter.api.Test;

class EduDmaTest {
  private static final RequesterId EDU = new RequesterId(0, 6, 0);

  @Test
  void aReadGoesFromMemoryToTheDevicesBuffer() {
    assertThat(new EduDma(EDU, Direction.READ, 0x1234_5000L, 64).commands())
        .contains("0000:00:06.0")
        .contains("0x80)) 64 0x12345000")
        .contains("0x88)) 64 0x40000")
        .contains("0x90)) 64 64")
        .contains("0x98)) 64 1");
  }

  @Test
  void aWriteGoesTheOtherWay() {
    assertThat(new EduDma(EDU, Direction.WRITE, 0x1234_5000L, 8).commands())
        .contains("0x80)) 64 0x40000")
        .contains("0x88)) 64 0x12345000")
        .contains("0x98)) 64 3");
  }

  @Test
  void theOutcomeIsReadFromWhatTheCommandsPrint() {
    assertThat(EduDma.outcome("0x0000000000000002\n")).isEqualTo(Outcome.UNSUPPORTED_REQUEST);
    assertThatIllegalArgumentException().isThrownBy(() -> EduDma.outcome("devmem: no such file"));
    assertThatIllegalArgumentException().isThrownBy(() -> EduDma.outcome("0x9"));
  }
}
