package dev.portcullis.qtest.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The answers are those of QEMU 11.1 to the same lines.
class QtestSessionTest {
  private final FakeMachine machine = new FakeMachine();

  @Test
  void accessesOfEachWidthAreLittleEndian_andAnsweredWith16Digits() throws Exception {
    assertThat(
            Script.run(
                machine,
                "writeq 0x10 0x1122334455667788",
                "readq 0x10",
                "readl 0x10",
                "readw 0x10",
                "readb 16",
                "writeb 0x11 0x1ff",
                "writew 0x12 0x10001",
                "writel 0x14 0x1deadbeef",
                "readq 0x10"))
        .containsExactly(
            "OK",
            "OK 0x1122334455667788",
            "OK 0x0000000055667788",
            "OK 0x0000000000007788",
            "OK 0x0000000000000088",
            "OK",
            "OK",
            "OK",
            "OK 0xdeadbeef0001ff88");
  }

  @Test
  void portsAreAnsweredWithAtLeastFourDigits() throws Exception {
    assertThat(
            Script.run(
                machine,
                "outl 0xcf8 0x80000800",
                "inb 0xcf8",
                "inw 0xcf8",
                "inl 0xcf8",
                "outb 1 0x1ff",
                "inl 1",
                "outw 1 0x1ffff",
                "inl 1"))
        .containsExactly(
            "OK", "OK 0x0000", "OK 0x0800", "OK 0x80000800", "OK", "OK 0x00ff", "OK", "OK 0xffff");
  }

  @Test
  void bytesTravelInHexadecimal_filledUpOrCutToTheSize() throws Exception {
    assertThat(
            Script.run(
                machine,
                "memset 0x100 6 0x1ff",
                "write 0x100 5 0xabcdEF",
                "read 0x100 6",
                "write 0x100 2 0x0102030405",
                "read 0x100 3",
                "memset 0x100 0 1",
                "read 0x100 1"))
        .containsExactly("OK", "OK", "OK 0xabcdef0000ff", "OK", "OK 0x0102ef", "OK", "OK 0x01");
  }

  @Test
  void bytesTravelInBase64() throws Exception {
    assertThat(
            Script.run(
                machine,
                "b64write 0x100 5 q83v",
                "b64read 0x100 5",
                "b64write 0x100 2 AQIDBA==",
                "b64read 0x100 5",
                "b64read 0x100 0"))
        .containsExactly("OK", "OK q83vAAA=", "OK", "OK AQLvAAA=", "OK ");
  }

  @Test
  void theClockMovesOnlyForward() throws Exception {
    assertThat(
            Script.run(
                machine,
                "clock_step 100",
                "clock_set 50",
                "clock_set 200",
                "clock_step 0",
                "clock_step -5",
                "clock_step",
                "clock_step",
                "clock_step 0x7fffffffffffffff"))
        .containsExactly(
            "OK 100",
            "FAIL 100",
            "OK 200",
            "FAIL could not advance time",
            "FAIL could not advance time",
            "OK 1000",
            "FAIL cannot advance clock to the next deadline because there is no pending deadline",
            "OK 9223372036854775807");
  }

  @Test
  void interceptedInputsAreReportedBeforeTheCommandThatChangedThemIsAnswered() throws Exception {
    assertThat(
            Script.run(
                machine,
                "set_irq_in pins unnamed-gpio-in 3 1",
                "irq_intercept_in pins",
                "irq_intercept_in pins",
                "set_irq_in pins unnamed-gpio-in 3 1",
                "set_irq_in pins unnamed-gpio-in 3 0",
                "irq_intercept_in nothing",
                "irq_intercept_in pins name",
                "irq_intercept_out nothing",
                "irq_intercept_out pins",
                "set_irq_in pins unnamed-gpio-in 8 1",
                "set_irq_in nothing unnamed-gpio-in 1 1"))
        .containsExactly(
            "OK",
            "OK",
            "OK",
            "IRQ raise 3",
            "OK",
            "IRQ lower 3",
            "OK",
            "FAIL Unknown device",
            "FAIL Interception of named in-GPIOs not yet supported",
            "FAIL Unknown device",
            "FAIL No intercepts installed",
            "FAIL no such input",
            "FAIL Unknown device");
  }

  @Test
  void commandsNobodyKnowsAreQuoted() throws Exception {
    assertThat(Script.run(machine, "foo bar", "rtas x 1", "module_load a b", "endianness"))
        .containsExactly(
            "FAIL Unknown command 'foo'", "FAIL Unknown command 'rtas'", "FAIL", "OK little");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "readl",
        "readl ",
        "readl  0x10",
        "readl x",
        "readl 0x1ffffffffffffffff",
        "readl 0xfffffffffffffffe",
        "writel 0x10",
        "writel 0x10 y",
        "writeq 0xffffffffffffffff 1",
        "inb 0x10000",
        "inb -1",
        "outl 0x10000 1",
        "outl 1",
        "read 0 0",
        "read 0 0x800001",
        "read 0 -1",
        "read 0xfffffffffffffff0 0x20",
        "b64read 0 0x10000000000",
        "write 0 4",
        "write 0 2 0xzz11",
        "write 0 0x800001 0x00",
        "b64write 0 4 $$$$",
        "b64write 0 0xffffffffffffffff AAAA",
        "memset 0 0x40000001 0",
        "memset 0 1",
        "clock_step x",
        "clock_set",
        "irq_intercept_in",
        "set_irq_in pins",
        "set_irq_in pins unnamed-gpio-in 1",
        "set_irq_in pins unnamed-gpio-in 0x100000001 1",
        "set_irq_in pins unnamed-gpio-in a b"
      })
  void whatCannotBeCarriedOutFails_andTheNextLineIsReadAsEver(String line) throws Exception {
    var answers = Script.run(machine, line, "endianness");

    assertThat(answers).hasSize(2);
    assertThat(answers.getFirst()).startsWith("FAIL ");
    assertThat(answers.getLast()).isEqualTo("OK little");
  }

  @Test
  void dataTooShortToBeAnyIsAnErrorOfItsOwn() throws Exception {
    assertThat(Script.run(machine, "write 0 1 0", "write 0 1 0x", "b64write 0 1 AA"))
        .containsOnly("ERR invalid argument size");
  }

  @Test
  void theLongestWriteThereIsIsCarriedOut_aLongerLineIsRefused() throws Exception {
    String zeroes = "00".repeat(MemoryCommands.LIMIT_BYTES);
    byte[] longest = "write 0x1000000 0x800000 0x%s\n".formatted(zeroes).getBytes();
    byte[] longer = "write 0x1000000 0x800000 0x%s%s\n".formatted(zeroes, zeroes).getBytes();

    assertThat(Script.run(machine, longest, 1 << 16)).containsExactly("OK");
    assertThat(Script.run(machine, longer, 1 << 16))
        .containsExactly("FAIL line longer than " + QtestSession.LINE_LIMIT_BYTES + " bytes");
  }

  @Test
  void aPeerThatVanishesInTheMiddleOfALineIsOwedNothing() throws Exception {
    assertThat(Script.run(machine, "endianness\nwritel 0x10 0x12".getBytes(), 3))
        .containsExactly("OK little");
    assertThat(machine.memory.getInt(0x10)).isZero();
  }
}
