package dev.portcullis.devices.atc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.FakeHost;
import dev.portcullis.devices.SharedMemoryHost;
import dev.portcullis.devices.block.RamBackend;
import dev.portcullis.devices.nvme.NvmeController;
import dev.portcullis.devices.nvme.NvmeOptions;
import dev.portcullis.devices.nvme.NvmeOptions.Translations;
import dev.portcullis.pci.AtsEntry;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.InvalidateRequest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeviceTlbTest {
  private final SharedMemoryHost host = new SharedMemoryHost();
  private final SampleFunction function = host.plug(new SampleFunction());
  private final DeviceTlb tlb = new DeviceTlb("tlb", function.ats, function.near());
  private final MemorySegment buffer = Arena.ofAuto().allocate(3 * 4096);

  DeviceTlbTest() {
    function.with(SampleFunction.ATS_CONTROL, 0x8000);
    host.map(0, 0x10000, 0x3000);
    host.map(0, 0x11000, 0x5000);
    host.map(0, 0x12000, 0x4000, 12, AtsEntry.R);
  }

  @AfterEach
  void close() {
    tlb.close();
  }

  @Test
  void aTransferIsCutAtPages() {
    for (int i = 0; i < 4096; i++) {
      host.ram().set(ValueLayout.JAVA_BYTE, 0x3000 + i, (byte) i);
      host.ram().set(ValueLayout.JAVA_BYTE, 0x5000 + i, (byte) ~i);
    }
    assertThat(tlb.read(0x10ffe, buffer, 1, 4)).isEqualTo(Completion.SUCCESS);
    assertThat(buffer.get(ValueLayout.JAVA_INT_UNALIGNED, 1)).isEqualTo(0xfeff_fffe);
    buffer.fill((byte) 7);
    assertThat(tlb.write(0x10800, buffer, 0, 4096)).isEqualTo(Completion.SUCCESS);
    assertThat(host.ram().get(ValueLayout.JAVA_BYTE, 0x3fff)).isEqualTo((byte) 7);
    assertThat(host.ram().get(ValueLayout.JAVA_BYTE, 0x57ff)).isEqualTo((byte) 7);
    assertThat(host.ram().get(ValueLayout.JAVA_BYTE, 0x5800)).isEqualTo((byte) ~0x800);
    assertThat(host.requests)
        .containsExactly(
            "TRANSLATED 3ffe", "TRANSLATED 5000", "TRANSLATED 3800", "TRANSLATED 5000");
  }

  @Test
  void aMissingPageIsWhereItEnds() {
    assertThat(tlb.write(0x11000, buffer, 0, 8192)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(tlb.read(0x12000, buffer, 0, 8192)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    host.refusal = Completion.COMPLETER_ABORT;
    assertThat(tlb.read(0x20000, buffer, 0, 1)).isEqualTo(Completion.COMPLETER_ABORT);
  }

  @Test
  void messagesGoAsTheyAre() {
    function.writeConfig(4, 2, 2);
    tlb.message(0xfee0_0000L, 0x55);
    assertThat(host.messages).as("no bus master").isEmpty();
    function.writeConfig(4, 2, 6);
    tlb.message(0xfee0_0000L, 0x55);
    assertThat(host.messages).containsExactly(0x55);
  }

  @Test
  void aDiskThatHasOneSaysSoAndInvalidates() {
    NvmeOptions options = NvmeOptions.of("TLB");
    try (NvmeController with =
            new NvmeController(
                options.withTranslations(Translations.CACHED), new RamBackend(1 << 20));
        NvmeController without = new NvmeController(options, new RamBackend(1 << 20))) {
      host.plug(with);
      InvalidateRequest request = new InvalidateRequest(4, 0, 0x1000, false);
      assertThat(with.readConfig(0x100, 4)).isEqualTo(0x0001_000f);
      assertThat(with.invalidate(request)).isTrue();
      FakeHost.await("completion", () -> !host.completed.isEmpty());
      assertThat(host.completed).containsExactly(1 << 4);
      assertThat(without.readConfig(0x100, 4)).isZero();
      assertThat(without.invalidate(request)).isFalse();
    }
  }
}
