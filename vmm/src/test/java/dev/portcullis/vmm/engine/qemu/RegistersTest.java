package dev.portcullis.vmm.engine.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.vmm.engine.Engine.Paging;
import org.junit.jupiter.api.Test;

class RegistersTest {
  private static final String LINUX =
      """
      CPU#0
      RAX=0000000000000000 RBX=ffffffff8a80d940
      GDT=     fffffe0000001000 0000007f
      CR0=80050033 CR2=00007f3f4c5f2000 CR3=0000000004a12003 CR4=000006f0
      DR0=0000000000000000 DR1=0000000000000000
      EFER=0000000000000d01
      """;

  @Test
  void tablesOfALongModeProcessorAreFound() {
    assertThat(Registers.paging(LINUX)).contains(new Paging(0x4a1_2000, 4));
    assertThat(Registers.paging(LINUX.replace("CR4=000006f0", "CR4=000016f0")))
        .contains(new Paging(0x4a1_2000, 5));
  }

  @Test
  void aProcessorThatDoesNotPageYetHasNone() {
    assertThat(Registers.paging(LINUX.replace("CR0=8", "CR0=0"))).isEmpty();
    assertThat(Registers.paging(LINUX.replace("d01", "101"))).isEmpty();
    assertThat(Registers.paging("")).isEmpty();
    assertThat(Registers.paging(LINUX.replace("CR3=0", "CR3=x"))).isEmpty();
  }
}
