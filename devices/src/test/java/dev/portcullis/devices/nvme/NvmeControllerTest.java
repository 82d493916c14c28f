package dev.portcullis.devices.nvme;

import static dev.portcullis.devices.FakeHost.await;
import static dev.portcullis.devices.nvme.NvmeHost.DATA;
import static dev.portcullis.devices.nvme.NvmeHost.ENABLE_4K;
import static dev.portcullis.devices.nvme.NvmeHost.RAM_BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.devices.block.NullBackend;
import dev.portcullis.devices.nvme.NvmeHost.Entry;
import dev.portcullis.devices.queue.QueueLoad;
import dev.portcullis.pci.IntxLine.Level;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NvmeControllerTest {
  private static final int MSIX = 0x40;
  private static final int MSI = 0x4c;
  private static final int READ = 0x02;

  private final FlakyBackend disk = new FlakyBackend(1 << 20);
  private final NvmeHost host = new NvmeHost(NvmeOptions.of("TEST-3"), disk);

  @AfterEach
  void close() {
    host.close();
  }

  private void expectFatal() {
    await("fatal", () -> (host.status() & Registers.FATAL) != 0);
  }

  private void enableMsix() {
    for (int vector = 0; vector < 17; vector++) {
      host.write(Registers.MSIX_TABLE + 16 * vector, 8, 0xfee0_0000L);
      host.write(Registers.MSIX_TABLE + 16 * vector + 8, 4, 0x40 + vector);
      host.write(Registers.MSIX_TABLE + 16 * vector + 12, 4, 0);
    }
    host.controller.writeConfig(MSIX + 2, 2, 1 << 15);
  }

  /// Waits for this message, whatever others come before.
  private void awaitMessage(int data) {
    await("message", () -> Objects.equals(host.machine.takeMessage(), data));
  }

  /// Completes a command before the host says that it has seen so, as interrupts want it.
  private void complete(int code, Entry entry) {
    host.ring(entry.queueId);
    assertThat(host.take(entry.queueId).code()).isEqualTo(code);
  }

  private Entry read(int queueId) {
    return host.new Entry(queueId, READ, 1).blocks(0, 1).prp1(DATA);
  }

  @Test
  void theCapabilitiesAreThoseOfTheOptions() {
    assertThat(host.read(Registers.CAP, 8)).isEqualTo(0x0040_0020_1401_03ffL);
    assertThat(host.read(Registers.CAP + 4, 4)).isEqualTo(0x0040_0020L);
    assertThat(host.read(Registers.VS, 4)).isEqualTo(0x0001_0400L);
    assertThat(host.read(Registers.VS + 2, 1)).isEqualTo(1);
    assertThat(host.read(0x20, 4)).isZero();
    assertThat(host.read(0x1000, 4)).isZero();
    assertThat(host.controller.readConfig(8, 4)).isEqualTo(0x0108_0201);
  }

  @Test
  void theAdminQueueRegistersTakeWordsAndHalves() {
    host.write(Registers.AQA, 4, -1);
    assertThat(host.read(Registers.AQA, 4)).isEqualTo(0x0fff_0fff);
    host.write(Registers.ASQ, 8, -1);
    assertThat(host.read(Registers.ASQ, 8)).isEqualTo(-4096L);
    host.write(Registers.ACQ + 4, 4, 7);
    host.write(Registers.ACQ, 4, 0x5000);
    assertThat(host.read(Registers.ACQ, 8)).isEqualTo(0x7_0000_5000L);
    host.write(Registers.ACQ, 2, 0);
    host.write(Registers.ACQ + 2, 4, 0);
    assertThat(host.read(Registers.ACQ, 8)).isEqualTo(0x7_0000_5000L);
    host.write(Registers.CAP, 8, 0);
    host.write(Registers.CSTS, 4, -1);
    assertThat(host.status()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1 | 7 << 4, 1 | 1 << 11, 1 | 5 << 7})
  void aConfigurationThatIsNotThereIsFatal(int configuration) {
    host.write(Registers.AQA, 4, 0x0007_0007);
    host.write(Registers.CC, 4, configuration);
    assertThat(host.status()).isEqualTo(Registers.FATAL);
    host.write(Registers.CC, 4, 0);
    assertThat(host.status()).isZero();
    host.enable();
  }

  @Test
  void adminQueuesTooSmallOrMisalignedAreFatal() {
    host.write(Registers.AQA, 4, 0x0000_0007);
    host.write(Registers.CC, 4, ENABLE_4K);
    assertThat(host.status()).isEqualTo(Registers.FATAL);
    host.write(Registers.CC, 4, 0);
    host.write(Registers.AQA, 4, 0x0007_0007);
    host.write(Registers.ASQ, 8, 0x1000);
    host.write(Registers.CC, 4, ENABLE_4K | 4 << 7);
    assertThat(host.status()).isEqualTo(Registers.FATAL);
  }

  @Test
  void adminQueuesThatCannotBeReachedAreFatalWhenUsed() {
    host.enable();
    host.disable();
    host.write(Registers.ASQ, 8, RAM_BYTES);
    host.write(Registers.CC, 4, ENABLE_4K);
    assertThat(host.status()).isEqualTo(Registers.READY);
    host.write(0x1000, 4, 1);
    expectFatal();
    host.disable();
    host.enable();
    host.expect(0, host.admin(0x0a, 0).dword(10, 7));
  }

  @Test
  void aCompletionThatCannotBePostedIsFatal() {
    host.enable().withQueues(1, 0);
    host.machine.breakPage(0x1_0000 + 0x2000 + 0x1000);
    read(1);
    host.ring(1);
    expectFatal();
    host.write(0x1008, 4, 2);
    host.write(0x1000, 4, 5);
    host.disable();
    assertThat(host.status()).isZero();
  }

  @Test
  void disablingForgetsTheQueues() {
    host.enable().withQueues(1, 0).withQueues(3, 0);
    host.disable();
    assertThat(host.read(Registers.CC, 4)).isZero();
    host.write(0x1008, 4, 1);
    host.enable().withQueues(1, 0).withQueues(3, 0);
    host.expect(0, read(3));
  }

  @Test
  void shutdownMakesWritesSafeAndSaysSo() {
    host.enable().withQueues(1, 0);
    int before = disk.flushes();
    host.write(Registers.CC, 4, ENABLE_4K | 1 << 14);
    await("shutdown", () -> (host.status() & Registers.SHUTDOWN_STATUS) == 2 << 2);
    assertThat(disk.flushes()).isEqualTo(before + 1);
    host.disable();
    assertThat(host.status()).isZero();
    host.enable();
  }

  @Test
  void shutdownOfAControllerThatIsNotEnabledOrHasFailedIsDoneAtOnce() {
    host.write(Registers.CC, 4, 1 << 14);
    assertThat(host.status()).isEqualTo(Registers.SHUTDOWN_COMPLETE);
    host.write(Registers.CC, 4, 0);
    assertThat(host.status()).isZero();
    host.enable();
    host.machine.breakPage(0x1000);
    host.write(0x1000, 4, 1);
    expectFatal();
    host.write(Registers.CC, 4, ENABLE_4K | 2 << 14);
    assertThat(host.status() & Registers.SHUTDOWN_STATUS).isEqualTo(Registers.SHUTDOWN_COMPLETE);
  }

  @Test
  void readyGoesAwayOnlyWhenTheLastDmaIsOver() {
    host.enable().withQueues(1, 0);
    host.machine.holdAt(DATA);
    read(1);
    host.ring(1);
    await("transfer", host.machine::isHolding);
    host.write(Registers.CC, 4, 0);
    assertThat(host.status() & Registers.READY).isEqualTo(Registers.READY);
    host.machine.release();
    await("not ready", () -> host.status() == 0);
    assertThat(host.machine.underWay()).isZero();
    assertThat(host.isCompleted(1)).isFalse();
  }

  @Test
  void enabledAgainBeforeItIsDownItComesUpAfterwards() {
    host.enable().withQueues(1, 0);
    host.machine.holdAt(DATA);
    read(1);
    host.ring(1);
    await("transfer", host.machine::isHolding);
    host.write(Registers.INTMS, 4, 2);
    host.write(Registers.CC, 4, 0);
    host.write(Registers.CC, 4, ENABLE_4K);
    assertThat(host.read(Registers.INTMS, 4)).isEqualTo(2);
    host.machine.release();
    await("a fresh start", () -> host.read(Registers.INTMS, 4) == 0);
    await("ready", () -> host.status() == Registers.READY);
    assertThat(host.isCompleted(1)).isFalse();
  }

  @Test
  void noDmaOutlivesAFunctionLevelReset() {
    host.enable().withQueues(1, 0);
    host.machine.holdAt(DATA);
    read(1);
    read(1);
    host.ring(1);
    await("transfer", host.machine::isHolding);
    Thread resetting =
        Thread.ofPlatform().start(() -> host.controller.writeConfig(0x6c + 8, 2, 1 << 15));
    await("reset waits", () -> resetting.getState() == Thread.State.WAITING);
    host.machine.release();
    await("reset done", () -> !resetting.isAlive());
    assertThat(host.machine.underWay()).isZero();
    assertThat(host.isCompleted(1)).isFalse();
    assertThat(host.read(Registers.ASQ, 8)).isZero();
    assertThat(host.read(Registers.CC, 4)).isZero();
    assertThat(host.controller.readConfig(4, 2)).isZero();
  }

  @Test
  void theHostMayResetAndStartAgainManyTimes() {
    for (int i = 0; i < 50; i++) {
      host.enable().withQueues(1, 0);
      for (int j = 0; j < 10; j++) {
        read(1);
      }
      host.ring(1);
      host.controller.reset();
      assertThat(host.machine.underWay()).isZero();
      host.controller.writeConfig(4, 2, 6);
    }
  }

  @Test
  void ringsWrap() {
    host.enable().withQueues(1, 0);
    for (int i = 0; i < 5 * NvmeHost.IO_ENTRIES; i++) {
      assertThat(host.expect(0, read(1)).head()).isEqualTo((i + 1) % NvmeHost.IO_ENTRIES);
    }
  }

  @Test
  void aFullCompletionQueueHoldsTheWorkerBack() {
    host.enable().withQueues(1, 0);
    int room = NvmeHost.IO_ENTRIES - 1;
    for (int i = 0; i < room; i++) {
      read(1);
    }
    host.ring(1);
    for (int i = 0; i < room; i++) {
      assertThat(host.take(1).code()).isZero();
    }
    for (int i = 0; i < 3; i++) {
      read(1);
    }
    host.ring(1);
    host.expect(0, host.admin(0x0a, 0).dword(10, 7));
    assertThat(host.isCompleted(1)).isFalse();
    host.release(1);
    for (int i = 0; i < 3; i++) {
      assertThat(host.take(1).code()).isZero();
    }
  }

  @Test
  void aQueueBlockedByAFullCompletionQueueCanBeDeleted() {
    host.enable().withQueues(1, 0);
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < NvmeHost.IO_ENTRIES - 1; i++) {
        read(1);
      }
      host.ring(1);
      host.take(1);
    }
    host.expect(0, host.admin(0x00, 0).dword(10, 1));
  }

  @Test
  void thePinIsUpWhileCompletionsWait() {
    host.enable();
    host.admin(0x0a, 0).dword(10, 7);
    host.ring(0);
    host.take(0);
    await("pin up", () -> host.machine.pin() == Level.ASSERTED);
    host.release(0);
    assertThat(host.machine.pin()).isEqualTo(Level.DEASSERTED);
  }

  @Test
  void theMaskRegistersTakeThePinDownAndLetItUpAgain() {
    host.enable();
    host.write(Registers.INTMS, 4, 1);
    assertThat(host.read(Registers.INTMS, 4)).isEqualTo(1);
    assertThat(host.read(Registers.INTMC, 4)).isEqualTo(1);
    host.admin(0x0a, 0).dword(10, 7);
    host.ring(0);
    host.take(0);
    assertThat(host.machine.pin()).isEqualTo(Level.DEASSERTED);
    host.write(Registers.INTMC, 4, 1);
    assertThat(host.machine.pin()).isEqualTo(Level.ASSERTED);
    host.write(Registers.INTMS, 4, 1);
    assertThat(host.machine.pin()).isEqualTo(Level.DEASSERTED);
    host.release(0);
    host.write(Registers.INTMC, 4, -1);
    assertThat(host.machine.pin()).isEqualTo(Level.DEASSERTED);
  }

  @Test
  void eachCompletionQueueHasItsMsixVector() {
    enableMsix();
    host.enable().withQueues(1, 5).withQueues(2, 16);
    complete(0, read(2));
    awaitMessage(0x50);
    complete(0, read(1));
    awaitMessage(0x45);
    assertThat(host.machine.pin()).isEqualTo(Level.DEASSERTED);
  }

  @Test
  void msiMessagesGoOutAndTheMaskRegistersHoldThem() {
    host.controller.writeConfig(MSI + 4, 8, 0xfee0_0000L);
    host.controller.writeConfig(MSI + 12, 2, 0x60);
    host.controller.writeConfig(MSI + 2, 2, 1 | 2 << 4);
    host.enable();
    complete(0x108, host.admin(0x05, 0).dword(10, 15 << 16 | 1).dword(11, 4 << 16 | 3));
    awaitMessage(0x60);
    host.write(Registers.INTMS, 4, 1);
    complete(0, host.admin(0x0a, 0).dword(10, 7));
    assertThat(host.machine.takeMessage()).isNull();
    host.write(Registers.INTMC, 4, 1);
    awaitMessage(0x60);
  }

  @Test
  void aPolledQueueDoesNotInterrupt() {
    enableMsix();
    host.enable().withPolledQueues(2, 5);
    complete(0, read(2));
    complete(0, read(2));
    host.expect(0, host.admin(0x00, 0).dword(10, 2));
    assertThat(host.machine.messages()).doesNotContain(0x45);
  }

  @Test
  void withoutBusMasteringTheQueuesCannotBeReached() {
    host.enable();
    host.controller.writeConfig(4, 2, 2);
    host.write(0x1000, 4, 1);
    expectFatal();
  }

  @Test
  void oddAccessesToDoorbellsAreDropped() {
    host.enable();
    host.admin(0x0a, 0).dword(10, 7);
    host.write(0x1000, 2, 1);
    host.write(0x1000, 8, 1);
    host.write(0x1002, 4, 1);
    assertThat(host.isCompleted(0)).isFalse();
    host.ring(0);
    assertThat(host.take(0).code()).isZero();
  }

  @Test
  void optionsAndBackingsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> NvmeOptions.of("")).hasMessageContaining("serial");
    assertThatThrownBy(() -> NvmeOptions.of("ä")).hasMessageContaining("serial");
    NvmeOptions options = NvmeOptions.of("X");
    assertThatThrownBy(() -> options.withBlockBytes(513)).hasMessageContaining("512 or 4096");
    assertThatThrownBy(() -> options.withQueuePairs(65)).hasMessageContaining("1 to 64");
    assertThatThrownBy(() -> options.withQueueEntries(1)).hasMessageContaining("2 to 65536");
    assertThatThrownBy(() -> options.withTransferPagesLog2(11)).hasMessageContaining("1 to 10");
    assertThatThrownBy(() -> new NvmeController(options, new NullBackend(1000)))
        .hasMessageContaining("whole number");
  }

  private int pairsGranted() {
    int granted = host.run(host.admin(0x09, 0).dword(10, 7).dword(11, 0x3f_003f)).dword0();
    assertThat(granted & 0xffff).isEqualTo(granted >>> 16);
    return (granted & 0xffff) + 1;
  }

  @Test
  void queuesThatAreOfferedChangeWithAFunctionLevelResetAndNotBefore() {
    host.enable();
    assertThat(pairsGranted()).isEqualTo(16);
    host.controller.offerAfterReset(2);
    host.disable();
    host.enable();
    assertThat(pairsGranted()).isEqualTo(16);
    assertThat(host.controller.pairs()).isEqualTo(16);

    host.controller.reset();
    host.controller.writeConfig(4, 2, 6);
    host.enable();

    assertThat(pairsGranted()).isEqualTo(2);
    assertThat(host.controller.pairs()).isEqualTo(2);
    host.withQueues(2, 0);
    assertThat(host.run(host.admin(0x05, 0).dword(10, 15 << 16 | 3).dword(11, 1)).code())
        .as("queue 3")
        .isEqualTo(0x101);
    assertThatThrownBy(() -> host.controller.offerAfterReset(17))
        .hasMessage("17 of 16 pairs of queues");
    assertThatThrownBy(() -> host.controller.offerAfterReset(0))
        .hasMessage("0 of 16 pairs of queues");
  }

  @Test
  void whatEachPairHasDoneIsCounted() {
    host.enable().withQueues(1, 0).withQueues(2, 0);
    assertThat(host.controller.loads()).hasSize(16).containsOnly(QueueLoad.NONE);

    complete(0, read(1));
    for (int i = 0; i < 12; i++) {
      read(2);
    }
    host.ring(2);
    for (int i = 0; i < 12; i++) {
      assertThat(host.take(2).code()).isZero();
    }

    await("count", () -> host.controller.loads().get(1).requests() == 12);
    assertThat(host.controller.loads().get(0)).isEqualTo(new QueueLoad(1, 0, 1, 512));
    QueueLoad second = host.controller.loads().get(1);
    assertThat(second.bytes()).isEqualTo(12 * 512);
    assertThat(second.full()).isPositive();
    assertThat(host.controller.loads().subList(2, 16)).containsOnly(QueueLoad.NONE);
  }
}
