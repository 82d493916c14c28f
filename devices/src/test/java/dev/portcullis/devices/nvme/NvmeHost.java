package dev.portcullis.devices.nvme;

import static dev.portcullis.devices.FakeHost.INT;
import static dev.portcullis.devices.FakeHost.LONG;
import static dev.portcullis.devices.FakeHost.await;

import dev.portcullis.devices.FakeHost;
import dev.portcullis.devices.block.BlockBackend;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/// A minimal driver for the controller under test, one command at a time unless told otherwise.
///
/// Memory: admin queues at 1000h and 2000h, I/O queues from 10000h on, 2 pages a pair, data from
/// 100000h on, PRP lists at 80000h.
final class NvmeHost implements AutoCloseable {
  static final int RAM_BYTES = 8 << 20;
  static final int PAGE = 4096;
  static final int ADMIN_ENTRIES = 8;
  static final int IO_ENTRIES = 16;
  static final long DATA = 0x10_0000;
  static final long LISTS = 0x8_0000;
  static final long SHADOWS = 0x6000;
  static final long EVENTS = 0x7000;
  static final int ENABLE_4K = 4 << 20 | 6 << 16 | 1;

  final FakeHost machine = new FakeHost(RAM_BYTES);
  final NvmeController controller;
  private final Ring[] rings = new Ring[65];
  private int nextId;
  private boolean shadowed;
  private int callsMade;

  /// Our side of a queue pair.
  private static final class Ring {
    final long submissions;
    final long completions;
    final int entries;
    int tail;
    int head;
    int phase = 1;

    Ring(long submissions, long completions, int entries) {
      this.submissions = submissions;
      this.completions = completions;
      this.entries = entries;
    }
  }

  /// A completion queue entry as the host finds it.
  record Completed(int dword0, int queueId, int head, int commandId, int status) {
    /// Status code type in [10:8], status code in [7:0].
    int code() {
      return status & 0x7ff;
    }
  }

  NvmeHost(NvmeOptions options, BlockBackend backend) {
    controller = machine.plug(new NvmeController(options, backend));
  }

  MemorySegment ram() {
    return machine.ram();
  }

  long read(int register, int widthBytes) {
    return controller.readBar(0, register, widthBytes);
  }

  void write(int register, int widthBytes, long value) {
    controller.writeBar(0, register, widthBytes, value);
  }

  int status() {
    return (int) read(Registers.CSTS, 4);
  }

  NvmeHost enable() {
    return enable(ENABLE_4K, 0x1000, 0x2000);
  }

  /// Enables with this configuration and these admin queues.
  NvmeHost enable(int configuration, long submissions, long completions) {
    ram().asSlice(0, LISTS).fill((byte) 0);
    write(Registers.AQA, 4, ADMIN_ENTRIES - 1 << 16 | ADMIN_ENTRIES - 1);
    write(Registers.ASQ, 8, submissions);
    write(Registers.ACQ, 8, completions);
    rings[0] = new Ring(submissions, completions, ADMIN_ENTRIES);
    shadowed = false;
    write(Registers.CC, 4, configuration);
    await("ready", () -> (status() & Registers.READY) != 0);
    return this;
  }

  void disable() {
    write(Registers.CC, 4, 0);
    await("not ready", () -> (status() & Registers.READY) == 0);
  }

  /// Makes I/O queue pair `id` with interrupt vector `vector`.
  NvmeHost withQueues(int id, int vector) {
    return withQueues(id, vector, 0x1_0000 + 0x2000L * id);
  }

  /// Makes I/O queue pair `id` at this address, the completions 64 KiB above if it is aligned so,
  /// else one page.
  NvmeHost withQueues(int id, int vector, long at) {
    long completions = (at & 0xffff) == 0 ? at + 0x1_0000 : at + PAGE;
    rings[id] = new Ring(at, completions, IO_ENTRIES);
    int size = IO_ENTRIES - 1 << 16 | id;
    expect(0, admin(0x05, 0).dword(10, size).dword(11, vector << 16 | 3).prp1(completions));
    expect(0, admin(0x01, 0).dword(10, size).dword(11, id << 16 | 1).prp1(at));
    return this;
  }

  /// Makes I/O queue pair `id` that never interrupts.
  void withPolledQueues(int id, int vector) {
    long at = 0x1_0000 + 0x2000L * id;
    rings[id] = new Ring(at, at + PAGE, IO_ENTRIES);
    int size = IO_ENTRIES - 1 << 16 | id;
    expect(0, admin(0x05, 0).dword(10, size).dword(11, vector << 16 | 1).prp1(at + PAGE));
    expect(0, admin(0x01, 0).dword(10, size).dword(11, id << 16 | 1).prp1(at));
  }

  /// A command in the making, at the tail of its queue.
  final class Entry {
    final int queueId;
    private final int id = nextId++ & 0xfff;
    private final MemorySegment bytes;

    Entry(int queueId, int opcode, int nsid) {
      this.queueId = queueId;
      Ring ring = rings[queueId];
      bytes = ram().asSlice(ring.submissions + 64L * ring.tail, 64).fill((byte) 0);
      dword(0, id << 16 | opcode);
      dword(1, nsid);
      ring.tail = (ring.tail + 1) % ring.entries;
    }

    int id() {
      return id;
    }

    Entry dword(int index, int value) {
      bytes.set(INT, 4L * index, value);
      return this;
    }

    Entry orDword0(int bits) {
      return dword(0, bytes.get(INT, 0) | bits);
    }

    Entry prp1(long address) {
      bytes.set(LONG, 24, address);
      return this;
    }

    Entry prp2(long address) {
      bytes.set(LONG, 32, address);
      return this;
    }

    Entry blocks(long first, int count) {
      bytes.set(LONG, 40, first);
      return dword(12, count - 1);
    }
  }

  Entry admin(int opcode, int nsid) {
    return new Entry(0, opcode, nsid);
  }

  Entry io(int opcode) {
    return new Entry(1, opcode, 1);
  }

  /// Tells the controller of all entries made so far.
  void ring(int queueId) {
    ringWord(2 * queueId, rings[queueId].tail);
  }

  boolean isCompleted(int queueId) {
    Ring ring = rings[queueId];
    return (ram().get(INT, ring.completions + 16L * ring.head + 12) >> 16 & 1) == ring.phase;
  }

  /// Waits for the next completion and takes it, without telling the controller.
  Completed take(int queueId) {
    Ring ring = rings[queueId];
    await("completion in queue " + queueId, () -> isCompleted(queueId));
    MemorySegment entry = ram().asSlice(ring.completions + 16L * ring.head, 16);
    ring.head = (ring.head + 1) % ring.entries;
    if (ring.head == 0) {
      ring.phase ^= 1;
    }
    int source = entry.get(INT, 8);
    int end = entry.get(INT, 12);
    return new Completed(
        entry.get(INT, 0), source >>> 16, source & 0xffff, end & 0xffff, end >>> 17);
  }

  /// Tells the controller what was taken.
  void release(int queueId) {
    ringWord(2 * queueId + 1, rings[queueId].head);
  }

  /// Leaves the doorbells of I/O queues in memory from now on.
  NvmeHost withShadowDoorbells() {
    expect(0, admin(0x7c, 0).prp1(SHADOWS).prp2(EVENTS));
    shadowed = true;
    return this;
  }

  /// How often a shadowed doorbell had to be rung after all.
  int callsMade() {
    return callsMade;
  }

  /// Rings doorbell `index`, or leaves its value in memory and rings if it goes past the one that
  /// the controller wants to be called at.
  private void ringWord(int index, int value) {
    if (!shadowed || index < 2) {
      write(0x1000 + 4 * index, 4, value);
      return;
    }
    int before = ram().get(INT, SHADOWS + 4L * index);
    ram().set(INT, SHADOWS + 4L * index, value);
    VarHandle.fullFence();
    int callAt = ram().get(INT, EVENTS + 4L * index);
    if ((value - callAt - 1 & 0xffff) < (value - before & 0xffff)) {
      callsMade++;
      write(0x1000 + 4 * index, 4, value);
    }
  }

  Completed run(Entry entry) {
    ring(entry.queueId);
    Completed completed = take(entry.queueId);
    release(entry.queueId);
    if (completed.commandId() != entry.id()) {
      throw new AssertionError("completion of " + completed.commandId() + ", not " + entry.id());
    }
    return completed;
  }

  /// Runs a command and insists on its end: status code type in [10:8], status code in [7:0].
  Completed expect(int code, Entry entry) {
    Completed completed = run(entry);
    if (completed.code() != code) {
      throw new AssertionError("status %03x, not %03x".formatted(completed.code(), code));
    }
    return completed;
  }

  /// Whether a queue is being deleted whose worker has not ended yet.
  static boolean isWaitingForQueueToEnd() {
    return Thread.getAllStackTraces().values().stream()
        .flatMap(Arrays::stream)
        .anyMatch(frame -> frame.getMethodName().equals("awaitEnd"));
  }

  @Override
  public void close() {
    machine.release();
    controller.close();
  }
}
