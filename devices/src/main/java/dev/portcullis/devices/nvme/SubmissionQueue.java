package dev.portcullis.devices.nvme;

import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.MemorySegment;

/// A ring in host memory that the host fills and one [Worker] empties.
///
/// @nvme 4.1 Submission Queue & Completion Queue Definition
final class SubmissionQueue {
  private final int id;
  private final long base;
  private final int entries;
  private final CompletionQueue completions;

  private volatile int head;
  private volatile int tail;
  private volatile ShadowDoorbell shadow;

  /// What the worker finds when it looks for entries.
  enum Look {
    WORK,
    NOTHING,
    /// The host has left a value in its shadow doorbell that cannot be.
    IMPOSSIBLE,
    UNREACHABLE
  }

  /// @param base I/O virtual address of the ring, aligned to a memory page
  /// @param entries 2 to 65,536
  SubmissionQueue(int id, long base, int entries, CompletionQueue completions) {
    this.id = id;
    this.base = base;
    this.entries = entries;
    this.completions = completions;
  }

  int id() {
    return id;
  }

  CompletionQueue completions() {
    return completions;
  }

  /// Queue id and present head, as a completion entry wants them.
  int source() {
    return id << 16 | head;
  }

  /// How many entries it holds at most.
  int entries() {
    return entries;
  }

  /// How many entries wait.
  int waiting() {
    return Math.floorMod(tail - head, entries);
  }

  private boolean isEmpty() {
    return head == tail;
  }

  /// From now on the host leaves its tail in memory.
  ///
  /// @return `false`, and all is as before, if that memory cannot be reached
  boolean shadow(ShadowDoorbell bell) {
    boolean begun = bell.begin(tail);
    if (begun) {
      shadow = bell;
    }
    return begun;
  }

  boolean isShadowed() {
    return shadow != null;
  }

  /// Whether there are entries.
  Look look() {
    ShadowDoorbell bell = shadow;
    if (isEmpty() && bell != null) {
      int value = bell.fetch();
      if (value == ShadowDoorbell.UNREACHABLE) {
        return Look.UNREACHABLE;
      }
      if (!submit(value)) {
        return Look.IMPOSSIBLE;
      }
    }
    return isEmpty() ? Look.NOTHING : Look.WORK;
  }

  /// Whether there are entries, for the last time before the worker parks: the next one will ring.
  Look lookBeforeParking() {
    ShadowDoorbell bell = shadow;
    if (bell != null && !bell.callAfter(tail)) {
      return Look.UNREACHABLE;
    }
    return look();
  }

  /// The host has put in the entries before `newTail`.
  ///
  /// @return `false`, and nothing happens, if it cannot have
  synchronized boolean submit(int newTail) {
    int first = head;
    int inUse = Math.floorMod(tail - first, entries);
    if (newTail >= entries || Math.floorMod(newTail - first, entries) < inUse) {
      return false;
    }
    tail = newTail;
    return true;
  }

  /// Copies the next entries, `most` at most, in one request, and gives their places back.
  ///
  /// @return how many, or -1 if the queue's memory cannot be reached
  int fetch(UpstreamPort port, MemorySegment into, int most) {
    int first = head;
    int last = tail;
    int inOneRun = (last >= first ? last : entries) - first;
    int count = Math.min(most, inOneRun);
    long at = base + (long) first * Command.BYTES;
    if (!port.read(at, into, 0, (long) count * Command.BYTES).isSuccess()) {
      return -1;
    }
    head = (first + count) % entries;
    return count;
  }
}
