package dev.portcullis.devices.nvme;

import static dev.portcullis.devices.FakeHost.INT;
import static dev.portcullis.devices.FakeHost.await;
import static dev.portcullis.devices.nvme.NvmeHost.DATA;
import static dev.portcullis.devices.nvme.NvmeHost.EVENTS;
import static dev.portcullis.devices.nvme.NvmeHost.RAM_BYTES;
import static dev.portcullis.devices.nvme.NvmeHost.SHADOWS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.nvme.NvmeHost.Entry;
import dev.portcullis.pci.IntxLine.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ShadowDoorbellTest {
  private static final int ROOM = NvmeHost.IO_ENTRIES - 1;

  private final NvmeHost host =
      new NvmeHost(NvmeOptions.of("TEST-5"), new FlakyBackend(1 << 20)).enable();

  @AfterEach
  void close() {
    host.close();
  }

  private Entry read() {
    return host.io(0x02).blocks(0, 1).prp1(DATA);
  }

  private void enableMsix() {
    host.write(Registers.MSIX_TABLE + 12, 4, 0);
    host.controller.writeConfig(0x42, 2, 1 << 15);
  }

  @Test
  void theControllerAnnouncesIt() {
    host.expect(0, host.admin(0x06, 0).dword(10, 1).prp1(DATA));
    assertThat(host.ram().get(INT, DATA + 256) & 0xffff).isEqualTo(1 << 8);
  }

  @Test
  void queuesMadeBeforeAndAfterAreShadowed() {
    host.withQueues(1, 0);
    host.expect(0, read());
    host.expect(0, read());
    host.withShadowDoorbells().withQueues(2, 0);
    assertThat(host.ram().get(INT, SHADOWS + 8)).isEqualTo(2);
    assertThat(host.ram().get(INT, SHADOWS + 12)).isEqualTo(2);
    for (int i = 0; i < 3 * NvmeHost.IO_ENTRIES; i++) {
      host.expect(0, read());
      host.expect(0, host.new Entry(2, 0x02, 1).blocks(0, 1).prp1(DATA));
    }
  }

  @Test
  void whileTheWorkerIsBusyTheHostNeedNotRing() {
    enableMsix();
    host.withQueues(1, 0).withShadowDoorbells();
    host.machine.holdAt(DATA);
    read();
    host.ring(1);
    await("transfer", host.machine::isHolding);
    int before = host.callsMade();
    for (int i = 0; i < 5; i++) {
      read();
      host.ring(1);
    }
    assertThat(host.callsMade()).isEqualTo(before);
    host.machine.release();
    for (int i = 0; i < 6; i++) {
      assertThat(host.take(1).code()).isZero();
      host.release(1);
    }
    // Only the first head goes past the 0 that the page began with.
    assertThat(host.callsMade()).isEqualTo(before + 1);
  }

  @Test
  void aFullCompletionQueueAsksForTheHead() {
    enableMsix();
    host.withQueues(1, 0).withShadowDoorbells();
    for (int i = 0; i < ROOM; i++) {
      read();
    }
    host.ring(1);
    for (int i = 0; i < ROOM; i++) {
      assertThat(host.take(1).code()).isZero();
    }
    read();
    host.ring(1);
    host.release(1);
    assertThat(host.take(1).code()).isZero();
  }

  @Test
  void thePinComesDownThoughTheHeadIsInMemory() {
    host.withQueues(1, 0).withShadowDoorbells();
    read();
    host.ring(1);
    host.take(1);
    await("pin up", () -> host.machine.pin() == Level.ASSERTED);
    await("asked for the head", () -> host.ram().get(INT, EVENTS + 8) == 1);
    host.release(1);
    await("pin down", () -> host.machine.pin() == Level.DEASSERTED);
  }

  @Test
  void impossibleValuesInMemoryAreReported() {
    host.withQueues(1, 0).withShadowDoorbells();
    Entry request = host.admin(0x0c, 0);
    host.ring(0);
    host.ram().set(INT, SHADOWS + 8, 999);
    host.write(0x1008, 4, 0);
    assertThat(host.take(0).commandId()).isEqualTo(request.id());
    assertThat(host.status()).isEqualTo(Registers.READY);
  }

  @Test
  void pagesThatCannotBeUsedAreRefused() {
    host.withQueues(1, 0);
    host.expect(0x02, host.admin(0x7c, 0).prp1(SHADOWS + 4).prp2(EVENTS));
    host.expect(0x02, host.admin(0x7c, 0).prp1(SHADOWS).prp2(EVENTS + 8));
    host.expect(0x04, host.admin(0x7c, 0).prp1(RAM_BYTES).prp2(EVENTS));
    host.expect(0x04, host.admin(0x7c, 0).prp1(SHADOWS).prp2(RAM_BYTES));
    host.expect(0, read());
  }

  @Test
  void pagesThatGoAwayAreFatal() {
    host.withQueues(1, 0).withShadowDoorbells();
    host.machine.breakPage(SHADOWS + 8);
    host.write(0x1008, 4, 1);
    await("fatal", () -> (host.status() & Registers.FATAL) != 0);
    host.disable();
  }
}
