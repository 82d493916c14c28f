package dev.portcullis.devices.edu;

import static dev.portcullis.devices.edu.EduDevice.BUFFER_AT;
import static dev.portcullis.devices.edu.EduDevice.DMA_COMMAND;
import static dev.portcullis.devices.edu.EduDevice.DMA_COUNT;
import static dev.portcullis.devices.edu.EduDevice.DMA_DESTINATION;
import static dev.portcullis.devices.edu.EduDevice.DMA_FROM_DEVICE;
import static dev.portcullis.devices.edu.EduDevice.DMA_INTERRUPT;
import static dev.portcullis.devices.edu.EduDevice.DMA_RESULT;
import static dev.portcullis.devices.edu.EduDevice.DMA_SOURCE;
import static dev.portcullis.devices.edu.EduDevice.DMA_START;
import static dev.portcullis.devices.edu.EduDevice.FACTORIAL;
import static dev.portcullis.devices.edu.EduDevice.INTERRUPT_ACKNOWLEDGE;
import static dev.portcullis.devices.edu.EduDevice.INTERRUPT_RAISE;
import static dev.portcullis.devices.edu.EduDevice.INTERRUPT_STATUS;
import static dev.portcullis.devices.edu.EduDevice.STATUS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.FakeHost;
import dev.portcullis.devices.edu.EduDevice.DmaResult;
import dev.portcullis.pci.ConfigRegisters;
import dev.portcullis.pci.IntxLine.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EduDeviceTest {
  private static final int RAM_BYTES = 1 << 20;

  private final FakeHost host = new FakeHost(RAM_BYTES);
  private final EduDevice edu = host.plug(new EduDevice());

  @AfterEach
  void close() {
    edu.close();
  }

  private long read(int register) {
    return edu.readBar(0, register, register < 0x80 ? 4 : 8);
  }

  private void write(int register, long value) {
    edu.writeBar(0, register, register < 0x80 ? 4 : 8, value);
  }

  private DmaResult dma(long source, long destination, long count, int command) {
    write(DMA_SOURCE, source);
    write(DMA_DESTINATION, destination);
    write(DMA_COUNT, count);
    write(DMA_COMMAND, command | DMA_START);
    FakeHost.await("DMA done", () -> (read(DMA_COMMAND) & DMA_START) == 0);
    return DmaResult.values()[(int) read(DMA_RESULT)];
  }

  private void enableMsi() {
    int msi = (int) edu.readConfig(ConfigRegisters.CAPABILITIES_POINTER, 1);
    edu.writeConfig(msi + 4, 8, 0xfee0_0000L);
    edu.writeConfig(msi + 12, 2, 0x41);
    edu.writeConfig(msi + 2, 2, 1);
  }

  @Test
  void itIsTheDeviceThatQemuHas() {
    assertThat(edu.readConfig(0, 4)).isEqualTo(0x11e8_1234);
    assertThat(edu.bars().getFirst().sizeBytes()).isEqualTo(1 << 20);
    assertThat(read(0)).isEqualTo(0x0100_00ed);
  }

  @Test
  void livenessInvertsWhatIsWritten() {
    write(4, 0x1234_5678);
    assertThat(read(4)).isEqualTo(0xedcb_a987L);
  }

  @Test
  void accessesOfOtherWidthsReadOnesAndChangeNothing() {
    for (int width : new int[] {1, 2, 8}) {
      edu.writeBar(0, 4, width, 0);
      assertThat(edu.readBar(0, 4, width)).isEqualTo(-1);
    }
    edu.writeBar(0, DMA_SOURCE, 2, 5);
    assertThat(edu.readBar(0, DMA_SOURCE, 2)).isEqualTo(-1);
    assertThat(read(4)).isZero();
    assertThat(read(DMA_SOURCE)).isZero();
    assertThat(edu.readBar(0, 0x40000, 4)).isEqualTo(-1);
    edu.writeBar(0, 0x30, 4, 1);
  }

  @Test
  void wideRegistersTakeNarrowAccessesToo() {
    edu.writeBar(0, DMA_SOURCE, 4, -1);
    assertThat(read(DMA_SOURCE)).isEqualTo(0xffff_ffffL);
    write(DMA_SOURCE, 0x8765_4321_0000_0001L);
    assertThat(read(DMA_SOURCE)).isEqualTo(0x8765_4321_0000_0001L);
  }

  @Test
  void factorialsAreComputedInTheBackground() {
    write(FACTORIAL, 10);
    FakeHost.await("factorial", () -> (read(STATUS) & 1) == 0);
    assertThat(read(FACTORIAL)).isEqualTo(3_628_800);
    assertThat(read(INTERRUPT_STATUS)).isZero();
  }

  @Test
  void hugeFactorialsAreZeroAndDoNotKeepUsLong() {
    write(FACTORIAL, 0xffff_ffffL);
    FakeHost.await("factorial", () -> (read(STATUS) & 1) == 0);
    assertThat(read(FACTORIAL)).isZero();
  }

  @Test
  void theEndOfAFactorialMayInterrupt() {
    write(STATUS, 0xff);
    assertThat(read(STATUS)).isEqualTo(0x80);
    write(FACTORIAL, 3);
    FakeHost.await("interrupt", () -> host.pin() == Level.ASSERTED);
    assertThat(read(INTERRUPT_STATUS)).isEqualTo(1);
    assertThat(read(FACTORIAL)).isEqualTo(6);
  }

  @Test
  void thePinStaysUpUntilAllCausesAreAcknowledged() {
    write(INTERRUPT_RAISE, 0x8000_0010L);
    assertThat(read(INTERRUPT_STATUS)).isEqualTo(0x8000_0010L);
    assertThat(host.pin()).isEqualTo(Level.ASSERTED);
    write(INTERRUPT_ACKNOWLEDGE, 0x10);
    assertThat(host.pin()).isEqualTo(Level.ASSERTED);
    write(INTERRUPT_ACKNOWLEDGE, 0x8000_0000L);
    assertThat(host.pin()).isEqualTo(Level.DEASSERTED);
  }

  @Test
  void withMsiEachCauseIsAMessage() {
    enableMsi();
    write(INTERRUPT_RAISE, 1);
    write(INTERRUPT_RAISE, 2);
    assertThat(host.takeMessage()).isEqualTo(0x41);
    assertThat(host.takeMessage()).isEqualTo(0x41);
    assertThat(host.pin()).isEqualTo(Level.DEASSERTED);
  }

  @Test
  void dataGoesIntoTheBufferAndOutAgain() {
    MemorySegment data = host.ram().asSlice(0x1ff0, 4096);
    for (int i = 0; i < 4096; i += 4) {
      data.set(FakeHost.INT, i, i * 0x01010101);
    }
    assertThat(dma(0x1ff0, BUFFER_AT, 4096, 0)).isEqualTo(DmaResult.SUCCESS);
    assertThat(dma(BUFFER_AT + 16, 0x8003, 4080, DMA_FROM_DEVICE)).isEqualTo(DmaResult.SUCCESS);
    assertThat(host.ram().asSlice(0x8003, 4080).mismatch(data.asSlice(16))).isEqualTo(-1);
  }

  @Test
  void theEndOfADmaMayInterrupt() {
    dma(0, BUFFER_AT, 4, DMA_INTERRUPT);
    assertThat(read(INTERRUPT_STATUS)).isEqualTo(0x100);
    assertThat(host.pin()).isEqualTo(Level.ASSERTED);
  }

  @Test
  void aBlockedReadIsSeenAndLeavesTheBufferAlone() {
    host.ram().set(FakeHost.LONG, RAM_BYTES - 8, 0x1111);
    dma(RAM_BYTES - 8, BUFFER_AT, 8, 0);
    assertThat(dma(RAM_BYTES - 4, BUFFER_AT, 8, 0)).isEqualTo(DmaResult.UNSUPPORTED_REQUEST);
    assertThat(edu.readConfig(ConfigRegisters.STATUS, 2) & 0x3000).isEqualTo(0x2000);
    assertThat(dma(BUFFER_AT, 0, 8, DMA_FROM_DEVICE)).isEqualTo(DmaResult.SUCCESS);
    assertThat(host.ram().get(FakeHost.LONG, 0)).isEqualTo(0x1111);
  }

  @Test
  void aBlockedWriteIsSeen() {
    assertThat(dma(BUFFER_AT, 0xdead_0000_0000L, 64, DMA_FROM_DEVICE))
        .isEqualTo(DmaResult.UNSUPPORTED_REQUEST);
    host.breakPage(0x3000);
    assertThat(dma(BUFFER_AT, 0x3000, 64, DMA_FROM_DEVICE)).isEqualTo(DmaResult.COMPLETER_ABORT);
    assertThat(edu.readConfig(ConfigRegisters.STATUS, 2) & 0x3000).isEqualTo(0x3000);
  }

  @Test
  void aTransferOutsideTheBufferAsksNothing() {
    assertThat(dma(0, BUFFER_AT + 4090, 8, 0)).isEqualTo(DmaResult.OUTSIDE_BUFFER);
    assertThat(dma(0, BUFFER_AT - 1, 8, 0)).isEqualTo(DmaResult.OUTSIDE_BUFFER);
    assertThat(dma(0, BUFFER_AT, -1, 0)).isEqualTo(DmaResult.OUTSIDE_BUFFER);
    assertThat(dma(BUFFER_AT, 0, 4097, DMA_FROM_DEVICE)).isEqualTo(DmaResult.OUTSIDE_BUFFER);
    assertThat(dma(0, 0, 8, DMA_FROM_DEVICE)).isEqualTo(DmaResult.OUTSIDE_BUFFER);
  }

  @Test
  void theAddressLinesCanBeFewer() {
    EduDevice narrow = host.plug(new EduDevice((1 << 28) - 1));
    host.ram().set(FakeHost.INT, 0x40, 0x600d);
    narrow.writeBar(0, DMA_SOURCE, 8, 0x7_f000_0040L);
    narrow.writeBar(0, DMA_DESTINATION, 8, BUFFER_AT);
    narrow.writeBar(0, DMA_COUNT, 8, 4);
    narrow.writeBar(0, DMA_COMMAND, 4, DMA_START);
    FakeHost.await("DMA done", () -> (narrow.readBar(0, DMA_COMMAND, 4) & DMA_START) == 0);
    assertThat(narrow.readBar(0, DMA_RESULT, 4)).isEqualTo(DmaResult.SUCCESS.ordinal());
    narrow.close();
  }

  @Test
  void theRegistersHoldStillWhileTheEngineRuns() {
    host.hold();
    write(DMA_DESTINATION, BUFFER_AT);
    write(DMA_COUNT, 8);
    write(DMA_COMMAND, DMA_START);
    FakeHost.await("request", () -> host.underWay() == 1);
    write(DMA_COUNT, 16);
    write(DMA_COMMAND, DMA_START | DMA_FROM_DEVICE);
    assertThat(read(DMA_COUNT)).isEqualTo(8);
    assertThat(read(DMA_COMMAND)).isEqualTo(DMA_START);
    host.release();
    FakeHost.await("DMA done", () -> read(DMA_COMMAND) == 0);
  }

  @Test
  void aCommandWithoutStartIsIgnored() {
    write(DMA_COMMAND, DMA_INTERRUPT);
    assertThat(read(DMA_COMMAND)).isZero();
    assertThat(read(DMA_RESULT)).isEqualTo(DmaResult.NONE.ordinal());
  }

  @Test
  void noDmaOutlivesAReset() {
    write(4, 1);
    write(INTERRUPT_RAISE, 1);
    host.hold();
    write(DMA_DESTINATION, BUFFER_AT);
    write(DMA_COUNT, 8);
    write(DMA_COMMAND, DMA_START | DMA_INTERRUPT);
    FakeHost.await("request", () -> host.underWay() == 1);
    Thread resetting = Thread.ofPlatform().start(edu::reset);
    FakeHost.await("reset waits", () -> resetting.getState() == Thread.State.WAITING);
    host.release();
    FakeHost.await("reset done", () -> !resetting.isAlive());
    assertThat(host.underWay()).isZero();
    assertThat(host.pin()).isEqualTo(Level.DEASSERTED);
    for (int register : new int[] {4, FACTORIAL, STATUS, INTERRUPT_STATUS}) {
      assertThat(read(register)).isZero();
    }
    for (int register = DMA_SOURCE; register <= DMA_RESULT; register += 8) {
      assertThat(read(register)).isZero();
    }
  }

  @Test
  void aDmaByTheClockBeginsWhenItsTimeHasCome_unlessAResetCameBefore() {
    List<Runnable> jobs = new ArrayList<>();
    EduDevice clocked =
        host.plug(
            new EduDevice(
                EduDevice.ANY_ADDRESS,
                (nanos, job) -> {
                  assertThat(nanos).isEqualTo(100_000_000L);
                  jobs.add(job);
                }));
    host.ram().set(FakeHost.INT, 0x1000, 0x1234);
    start(clocked, 0x1000, BUFFER_AT, 0);
    assertThat(clocked.readBar(0, DMA_COMMAND, 8)).isEqualTo(DMA_START);
    jobs.removeFirst().run();
    assertThat(clocked.readBar(0, DMA_COMMAND, 8)).isZero();

    start(clocked, BUFFER_AT, 0x2000, DMA_FROM_DEVICE);
    clocked.reset();
    clocked.writeConfig(4, 2, 6);
    jobs.removeFirst().run();
    assertThat(host.ram().get(FakeHost.INT, 0x2000)).isZero();
    clocked.close();
  }

  private static void start(EduDevice device, long source, long destination, int command) {
    device.writeBar(0, DMA_SOURCE, 8, source);
    device.writeBar(0, DMA_DESTINATION, 8, destination);
    device.writeBar(0, DMA_COUNT, 8, 4);
    device.writeBar(0, DMA_COMMAND, 8, command | DMA_START);
  }
}
