package dev.portcullis.devices.nvme;

import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/// A ring in host memory that we fill and the host empties.
///
/// ```
///  dword 0 | command specific
///  dword 1 | 0
///  dword 2 | SQ identifier 31:16 | SQ head 15:0
///  dword 3 | status 31:17 | phase 16 | command identifier 15:0
/// ```
///
/// @nvme 4.6 Completion Queue Entry
final class CompletionQueue {
  static final int ENTRY_BYTES = 16;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// What became of an entry.
  enum Posted {
    YES,
    /// The host has to take entries out first.
    FULL,
    /// The queue's memory cannot be reached.
    UNREACHABLE
  }

  /// Whether entries in a queue interrupt the host.
  enum Signalling {
    POLLED,
    INTERRUPTS
  }

  private final UpstreamPort port;
  private final int id;
  private final long base;
  private final int entries;
  private final Signalling signalling;
  private final int vector;
  private final MemorySegment entry = Arena.ofAuto().allocate(ENTRY_BYTES, 8);
  private final Set<Thread> waiting = ConcurrentHashMap.newKeySet();

  private volatile int head;
  private volatile int tail;
  private int phase = 1;
  private volatile ShadowDoorbell shadow;

  /// @param base I/O virtual address of the ring, aligned to a memory page
  /// @param entries 2 to 65,536
  CompletionQueue(
      UpstreamPort port, int id, long base, int entries, Signalling signalling, int vector) {
    this.port = port;
    this.id = id;
    this.base = base;
    this.entries = entries;
    this.signalling = signalling;
    this.vector = vector;
  }

  int id() {
    return id;
  }

  int vector() {
    return vector;
  }

  boolean interrupts() {
    return signalling == Signalling.INTERRUPTS;
  }

  /// Whether there are entries the host has not said it has taken.
  boolean isPending() {
    return head != tail;
  }

  /// From now on the host leaves its head in memory.
  ///
  /// @return `false`, and all is as before, if that memory cannot be reached
  synchronized boolean shadow(ShadowDoorbell bell) {
    boolean begun = bell.begin(head);
    if (begun) {
      shadow = bell;
    }
    return begun;
  }

  boolean isShadowed() {
    return shadow != null;
  }

  private boolean isFull() {
    return (tail + 1) % entries == head;
  }

  /// Appends an entry: queue and head of the submission side, id and end of the command.
  ///
  /// @param source queue id in [31:16], head in [15:0]
  synchronized Posted post(int source, int commandId, Status status, int dword0) {
    if (isFull()) {
      if (!catchUp()) {
        return Posted.UNREACHABLE;
      }
      if (isFull()) {
        return Posted.FULL;
      }
    }
    long statusAndId = (long) (status.field() << 17 | phase << 16 | commandId) << 32;
    entry.set(LONG, 0, dword0 & 0xffff_ffffL);
    entry.set(LONG, 8, statusAndId | source & 0xffff_ffffL);
    long at = base + (long) tail * ENTRY_BYTES;
    // The half with the phase bit goes last, after the command's data too: it hands the entry over.
    if (!port.write(at, entry, 0, 8).isSuccess()) {
      return Posted.UNREACHABLE;
    }
    VarHandle.releaseFence();
    if (!port.write(at + 8, entry, 8, 8).isSuccess()) {
      return Posted.UNREACHABLE;
    }
    if (tail + 1 == entries) {
      tail = 0;
      phase ^= 1;
    } else {
      tail = tail + 1;
    }
    return Posted.YES;
  }

  /// The host has taken the entries before `newHead`.
  ///
  /// @return `false`, and nothing happens, if it cannot have
  boolean consume(int newHead) {
    int inUse = Math.floorMod(tail - head, entries);
    if (newHead >= entries || Math.floorMod(newHead - head, entries) > inUse) {
      return false;
    }
    head = newHead;
    wakeWaiting();
    return true;
  }

  /// Takes over what the host has left in its shadow doorbell; what cannot be is left alone.
  private boolean catchUp() {
    int value = shadow == null ? head : shadow.fetch();
    if (value != ShadowDoorbell.UNREACHABLE) {
      consume(value);
    }
    return value != ShadowDoorbell.UNREACHABLE;
  }

  /// Asks the host to ring when it takes entries out, and looks whether it has.
  ///
  /// @return whether it has taken some since the last time
  synchronized boolean settle() {
    int before = head;
    if (shadow != null && shadow.callAfter(before)) {
      catchUp();
    }
    return head != before;
  }

  /// Parks the calling thread until there is room or somebody else wakes it.
  void awaitRoom() {
    waiting.add(Thread.currentThread());
    settle();
    if (isFull()) {
      LockSupport.park(this);
    }
    waiting.remove(Thread.currentThread());
  }

  /// The host has rung though its head is in memory: whoever waits for room is to look.
  void wakeWaiting() {
    waiting.forEach(LockSupport::unpark);
  }
}
