package dev.portcullis.machine.qtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.description.MachineFile;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a unit reads and writes itself must be in memory. In a device's window, in the unit's own
/// registers or where interrupts go, it is not there: the architecture's own fault says so, and
/// neither device nor unit is touched.
class TablesInWindowsTest {
  private static final long UNIT = BareMachine.UNIT_BASE;
  private static final int GCMD = 0x18;
  private static final int RTADDR = 0x20;
  private static final int FSTS = 0x34;
  private static final int IQT = 0x88;
  private static final int IQA = 0x90;
  private static final int IQERCD = 0xb0;
  private static final int IRTA = 0xb8;
  private static final long SCALABLE = 1 << 10;
  private static final long QUEUE = 0x10_0000;
  private static final long ROOT = 0x10_1000;
  private static final long CONTEXTS = 0x10_2000;
  private static final long DIRECTORY = 0x10_3000;
  private static final long PASIDS = 0x10_4000;
  private static final long TESTDEV_AT = 0xfe00_0000L;
  private static final long EDU_AT = 0xfe10_0000L;
  private static final int TESTDEV = 1 << 3;

  private BareMachine machine;

  @BeforeEach
  void open() throws Exception {
    machine = BareMachine.of(MachineFile.qtest(), Path.of(""));
    place(1, TESTDEV_AT);
    place(2, EDU_AT);
    machine.write(ROOT, 8, CONTEXTS | 1);
    machine.write(CONTEXTS + 32L * TESTDEV, 8, DIRECTORY | 1);
    machine.write(DIRECTORY, 8, PASIDS | 1);
    machine.write(PASIDS + 8, 8, 5);
    machine.write(PASIDS, 8, 4 << 6 | 1);
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private void place(int device, long window) {
    machine.out(0xcf8, 4, 0x8000_0010L | device << 11);
    machine.out(0xcfc, 4, window);
    machine.out(0xcf8, 4, 0x8000_0004L | device << 11);
    machine.out(0xcfc, 2, 6);
  }

  private void register(int offset, int width, long value) {
    machine.write(UNIT + offset, width, value);
  }

  private long register(int offset, int width) {
    return machine.read(UNIT + offset, width);
  }

  private void start(long queue, long root) {
    register(IQA, 8, queue | 1 << 11);
    register(RTADDR, 8, root | SCALABLE);
    register(GCMD, 4, 1 << 30);
    register(GCMD, 4, 1 << 26);
    register(GCMD, 4, 1L << 31 | 1 << 26);
  }

  /// The reason of the fault that a write of the test device is recorded with; 0 if it passes.
  private int reasonOfWrite() {
    machine.write(TESTDEV_AT + 0x04, 4, 0x20_0000);
    machine.write(TESTDEV_AT + 0x0c, 4, 4);
    machine.write(TESTDEV_AT + 0x1c, 4, 0x20_0000);
    machine.write(TESTDEV_AT + 0x14, 4, 1);
    machine.read(TESTDEV_AT, 4);
    long capability = register(8, 8);
    int record = (int) (capability >>> 24 & 0x3ff) * 16;
    long hi = register(record + 8, 8);
    return hi < 0 ? (int) (hi >>> 32) & 0xff : 0;
  }

  @ParameterizedTest
  @ValueSource(longs = {UNIT, TESTDEV_AT, EDU_AT, 0xfee0_0000L, 0xa_0000L, 0x2000_0000L})
  void aRootTableIsNotThere(long window) {
    start(QUEUE, window);
    assertThat(reasonOfWrite()).isEqualTo(0x38);
  }

  @ParameterizedTest
  @ValueSource(longs = {UNIT, TESTDEV_AT, EDU_AT, 0xfee0_0000L, 0xa_0000L, 0x2000_0000L})
  void aContextTableIsNotThere(long window) {
    machine.write(ROOT, 8, window | 1);
    start(QUEUE, ROOT);
    assertThat(reasonOfWrite()).isEqualTo(0x40);
  }

  @ParameterizedTest
  @ValueSource(longs = {UNIT, TESTDEV_AT, EDU_AT, 0xfee0_0000L, 0xa_0000L, 0x2000_0000L})
  void aPasidDirectoryIsNotThere(long window) {
    machine.write(CONTEXTS + 32L * TESTDEV, 8, window | 1);
    start(QUEUE, ROOT);
    assertThat(reasonOfWrite()).isEqualTo(0x50);
  }

  @ParameterizedTest
  @ValueSource(longs = {UNIT, TESTDEV_AT, EDU_AT, 0xfee0_0000L, 0xa_0000L, 0x2000_0000L})
  void aPasidTableIsNotThere(long window) {
    machine.write(DIRECTORY, 8, window | 1);
    start(QUEUE, ROOT);
    assertThat(reasonOfWrite()).isEqualTo(0x58);
  }

  @ParameterizedTest
  @ValueSource(longs = {UNIT, TESTDEV_AT, EDU_AT, 0xfee0_0000L, 0xa_0000L, 0x2000_0000L})
  void secondStageTablesAreNotThere(long window) {
    machine.write(PASIDS, 8, window | 2 << 6 | 2 << 2 | 1);
    start(QUEUE, ROOT);
    assertThat(reasonOfWrite()).isEqualTo(0x7b);
  }

  @ParameterizedTest
  @ValueSource(longs = {UNIT, TESTDEV_AT, EDU_AT, 0xfee0_0000L, 0xa_0000L, 0x2000_0000L})
  void firstStageTablesAreNotThere(long window) {
    machine.write(PASIDS + 16, 8, window);
    machine.write(PASIDS, 8, 1 << 6 | 1);
    start(QUEUE, ROOT);
    assertThat(reasonOfWrite()).isEqualTo(0x73);
  }

  @ParameterizedTest
  @ValueSource(longs = {UNIT, TESTDEV_AT, EDU_AT, 0xfee0_0000L, 0xa_0000L, 0x2000_0000L})
  void anInvalidationQueueIsNotThere_andStops(long window) {
    start(window, ROOT);
    register(IQT, 8, 32);
    assertThat(register(FSTS, 4) & 1 << 4).as("IQE").isNotZero();
    assertThat(register(IQERCD, 8) & 15).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(longs = {UNIT + GCMD, TESTDEV_AT, EDU_AT + 0x98, 0xfee0_0000L, 0xa_0000L})
  void aStatusIsWrittenToNobody(long window) {
    start(QUEUE, ROOT);
    machine.write(QUEUE, 8, 1L << 32 | 1 << 5 | 5);
    machine.write(QUEUE + 8, 8, window);
    machine.write(QUEUE + 32, 8, 2L << 32 | 1 << 5 | 5);
    machine.write(QUEUE + 40, 8, 0x30_0000);
    register(IQT, 8, 64);
    assertThat(machine.read(0x30_0000, 4)).as("the queue goes on").isEqualTo(2);
    assertThat(register(FSTS, 4)).isZero();
    assertThat(register(0x1c, 4) >>> 31).as("translation is still on").isEqualTo(1);
    assertThat(machine.time().nextDeadlineNanos()).as("edu was not told anything").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {UNIT, TESTDEV_AT, EDU_AT, 0xa_0000L, 0x2000_0000L})
  void anInterruptTableIsNotThere(long window) {
    register(IRTA, 8, window | 7);
    start(QUEUE, ROOT);
    register(GCMD, 4, 1L << 31 | 1 << 26 | 1 << 24);
    register(GCMD, 4, 1L << 31 | 1 << 26 | 1 << 25);
    machine.out(0xcf8, 4, 0x8000_0034L | 2 << 11);
    int msi = (int) machine.in(0xcfc, 1);
    long capability = 0x8000_0000L | 2 << 11 | msi;
    machine.out(0xcf8, 4, capability + 4);
    machine.out(0xcfc, 4, 0xfee0_0010L);
    machine.out(0xcf8, 4, capability);
    machine.out(0xcfe, 2, 1);
    machine.write(EDU_AT + 0x60, 4, 1);
    int record = (int) (register(8, 8) >>> 24 & 0x3ff) * 16;
    assertThat(register(record + 8, 8) >>> 32 & 0xff).isEqualTo(0x23);
  }
}
