package dev.portcullis.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.qtest.client.Interrupt;
import dev.portcullis.qtest.client.QtestClient;
import dev.portcullis.qtest.client.QtestException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A script written for QEMU runs unchanged on the machine that `./portcullis qtest` offers when no
/// other is named: every line is answered alike.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ScriptIT {
  private static final String SCRIPT =
      """
      endianness
      nonsense 1 2
      irq_intercept_in nothing
      irq_intercept_in ioapic name
      irq_intercept_in ioapic
      irq_intercept_in ioapic
      set_irq_in ioapic unnamed-gpio-in 5 1
      set_irq_in ioapic unnamed-gpio-in 5 0
      set_irq_in nothing unnamed-gpio-in 5 0
      writeq 0x100000 0x1122334455667788
      readq 0x100000
      readl 0x100000
      readw 0x100002
      readb 1048583
      writel 0x100004 0xdeadbeef
      writew 0x100002 0x1cafe
      writeb 0x100001 0xff
      read 0x100000 9
      write 0x100000 5 0xabcdEF
      read 0x100000 9
      memset 0x100000 3 0x1ff
      memset 0x100000 0 1
      b64read 0x100000 9
      b64write 0x100003 3 q83v
      b64read 0x100000 9
      b64read 0x100000 0
      read 0xd0000000 4
      readl 0xd0000000
      readq 0x8000000000
      inb 0x1234
      inw 0x1234
      inl 0x1234
      outl 0xcf8 0x80000000
      inl 0xcf8
      inb 0xcf8
      inl 0xcfc
      outl 0xcf8 0x80000060
      inl 0xcfc
      outl 0xcf8 0x80000800
      inl 0xcfc
      inw 0xcfe
      inb 0xcfd
      outl 0xcf8 0x80000808
      inl 0xcfc
      outl 0xcf8 0x80001800
      inl 0xcfc
      inb 0xcfc
      outl 0xcf8 0x80010000
      inl 0xcfc
      outl 0xcf8 0x1000
      inl 0xcfc
      outl 0xcf8 0x80000810
      outl 0xcfc 0xffffffff
      inl 0xcfc
      outl 0xcfc 0xfe000000
      outl 0xcf8 0x80000804
      outw 0xcfc 6
      outl 0xcf8 0x80001010
      outl 0xcfc 0xffffffff
      inl 0xcfc
      outl 0xcfc 0xfe100000
      outl 0xcf8 0x80001004
      outw 0xcfc 6
      readl 0xb0000000
      outl 0xcf8 0x80000060
      outl 0xcfc 0xb0000001
      readl 0xb0000000
      readl 0xb0008000
      readq 0xb0010000
      readb 0xb0008001
      readl 0xb0018000
      readl 0xfe000010
      readq 0xfe00000c
      readb 0xfe000010
      readw 0xfe000010
      readl 0xfe000012
      readl 0xfe000040
      readl 0xfe000ffc
      readl 0xfe000000
      readl 0xfe000010
      writeq 0xfe000004 0x200001
      writel 0xfe00000c 7
      writeq 0xfe00001c 0x200001
      readq 0xfe00001c
      readl 0xfe000018
      writel 0xfe000014 1
      readl 0xfe000010
      readl 0xfe000000
      readl 0xfe000010
      read 0x200000 10
      readl 0xfe000000
      readl 0xfe000010
      writel 0xfe000014 1
      writel 0xfe00001c 0x300000
      readl 0xfe000000
      readl 0xfe000010
      writel 0xfe000014 1
      writel 0xfe000018 8
      readl 0xfe000000
      readl 0xfe000010
      writel 0xfe000018 2
      writel 0xfe000014 1
      writel 0xfe00001c 0x40000000
      readl 0xfe000000
      readl 0xfe000010
      writel 0xfe000014 1
      writel 0xfe000004 0x40000000
      readl 0xfe000000
      readl 0xfe000010
      writel 0xfe000014 1
      writel 0xfe00000c 0
      readl 0xfe000000
      readl 0xfe000010
      writel 0xfe000014 0
      readl 0xfe000010
      readl 0xfe100000
      writel 0xfe100004 0x12345678
      readl 0xfe100004
      readl 0xfe100024
      writel 0xfe100060 5
      writel 0xfe100060 2
      readl 0xfe100024
      writel 0xfe100064 5
      writel 0xfe100064 2
      writeq 0xfe100080 0x200000
      writeq 0xfe100088 0x40010
      writeq 0xfe100090 16
      writeq 0xfe100098 5
      readq 0xfe100098
      clock_step 100000000
      readq 0xfe100098
      readl 0xfe100024
      writel 0xfe100064 0x100
      writeq 0xfe100080 0x40010
      writeq 0xfe100088 0x10210000
      writeq 0xfe100098 3
      clock_step 100000000
      read 0x210000 16
      clock_step 0
      clock_step -1
      clock_set 1
      readl 0xfed9001c
      writeq 0xfed90020 0x400000
      readq 0xfed90020
      writel 0xfed90018 0x40000000
      readl 0xfed9001c
      readl 0xfed90034
      readq 0xfed90080
      module_load a b
      """;

  /// The input of QEMU's interval timer, which ticks while the clock moves.
  private static final int TIMER = 0;

  @TempDir private Path folder;

  @Test
  void everyLineIsAnsweredAlike() throws Exception {
    try (Bench ours = OurBench.ofDefault(folder);
        Bench theirs = QemuBench.of("intel-iommu", folder, "iommu-testdev", "edu")) {
      assertThat(answers(ours.client())).containsExactlyElementsOf(answers(theirs.client()));
    }
  }

  private static List<String> answers(QtestClient machine) {
    List<String> answers = new ArrayList<>();
    for (String line : SCRIPT.lines().toList()) {
      String answer = answer(machine, line);
      Optional<Interrupt> interrupt = machine.takeInterrupt();
      while (interrupt.isPresent()) {
        if (interrupt.get().input() != TIMER) {
          answers.add(line + " -> " + interrupt.get());
        }
        interrupt = machine.takeInterrupt();
      }
      answers.add(line + " -> " + answer);
    }
    return answers;
  }

  /// What time it is, each machine has its own idea of.
  private static String answer(QtestClient machine, String line) {
    try {
      String answer = machine.command(line);
      return line.startsWith("clock") ? "OK" : answer;
    } catch (QtestException refused) {
      return line.startsWith("clock_set") ? "refused" : refused.getMessage();
    }
  }
}
