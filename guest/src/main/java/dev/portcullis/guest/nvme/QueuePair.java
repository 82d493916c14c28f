package dev.portcullis.guest.nvme;

import dev.portcullis.guest.port.Processor;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/// A submission queue with its completion queue. Several threads may have commands under way; each
/// has a slot, whose number is the command's identifier.
///
/// @nvme 4.1 Submission Queue & Completion Queue Definition
final class QueuePair {
  static final int ENTRIES = 64;
  static final int SUBMISSION_BYTES = 64;
  static final int COMPLETION_BYTES = 16;
  private static final int LOOK_MILLIS = 100;

  private final Processor processor;
  private final long submission;
  private final long completion;
  private final long submissionDoorbell;
  private final long completionDoorbell;
  private final Slot[] slots = new Slot[ENTRIES - 1];
  private int tail;
  private int head;
  private int phase = 1;
  private boolean dead;

  private enum Slot {
    FREE,
    UNDER_WAY,
    DONE
  }

  private final int[] statuses = new int[ENTRIES];
  private final long[] results = new long[ENTRIES];

  /// What the controller answered.
  ///
  /// @param status type and code, 0 for success: bits 14 to 1 of the entry's status word, shifted
  /// @param result doubleword 0 of the entry
  record Completion(int status, long result) {
    boolean isSuccess() {
      return (status & 0x7ff) == 0;
    }
  }

  /// Empty queues.
  ///
  /// @param submission guest physical address of 64 entries of 64 bytes
  /// @param completion guest physical address of 64 entries of 16 bytes, zeroes
  QueuePair(
      Processor processor,
      long submission,
      long completion,
      long submissionDoorbell,
      long completionDoorbell) {
    this.processor = processor;
    this.submission = submission;
    this.completion = completion;
    this.submissionDoorbell = submissionDoorbell;
    this.completionDoorbell = completionDoorbell;
    Arrays.fill(slots, Slot.FREE);
  }

  /// Has the controller carry out `command`, and waits for its answer. An interrupt of the thread
  /// is put off: the controller may be at work on the caller's memory.
  ///
  /// @throws NvmeException if no answer comes in time: the controller is to be stopped then
  synchronized Completion execute(Command command, long limitMillis) throws NvmeException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMillis);
    boolean interrupted = false;
    try {
      while (freeSlot() < 0) {
        interrupted |= await(deadline);
      }
      int slot = submit(command);
      while (slots[slot] == Slot.UNDER_WAY) {
        interrupted |= await(deadline);
      }
      slots[slot] = Slot.FREE;
      notifyAll();
      return new Completion(statuses[slot], results[slot]);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Waits for anything to happen.
  ///
  /// @return whether the thread was interrupted
  private boolean await(long deadline) throws NvmeException {
    long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    if (dead) {
      throw new NvmeException("the controller was stopped under the command");
    }
    if (left <= 0) {
      throw new NvmeException("the controller does not answer");
    }
    boolean interrupted = false;
    try {
      wait(Math.min(left, LOOK_MILLIS));
    } catch (InterruptedException e) {
      interrupted = true;
    }
    poll();
    return interrupted;
  }

  private int submit(Command command) {
    int slot = freeSlot();
    slots[slot] = Slot.UNDER_WAY;
    command.write(processor, submission + (long) tail * SUBMISSION_BYTES, slot);
    tail = (tail + 1) % ENTRIES;
    processor.store(submissionDoorbell, 4, tail);
    return slot;
  }

  private int freeSlot() {
    for (int i = 0; i < slots.length; i++) {
      if (slots[i] == Slot.FREE) {
        return i;
      }
    }
    return -1;
  }

  /// Takes what the controller has answered: called by its interrupt, and by those who wait.
  synchronized void poll() {
    boolean taken = false;
    while (true) {
      long entry = completion + (long) head * COMPLETION_BYTES;
      long last = processor.load(entry + 8, 8);
      if ((last >>> 48 & 1) != phase) {
        break;
      }
      complete((int) (last >>> 32) & 0xffff, (int) (last >>> 49), processor.load(entry, 4));
      taken = true;
      head = (head + 1) % ENTRIES;
      phase = head == 0 ? 1 - phase : phase;
    }
    if (taken) {
      processor.store(completionDoorbell, 4, head);
      notifyAll();
    }
  }

  /// An identifier that nothing is under way for is dropped.
  private void complete(int slot, int status, long result) {
    if (slot < slots.length && slots[slot] == Slot.UNDER_WAY) {
      statuses[slot] = status;
      results[slot] = result;
      slots[slot] = Slot.DONE;
    }
  }

  /// Nothing is answered any more: those who wait give up.
  synchronized void kill() {
    dead = true;
    notifyAll();
  }
}
