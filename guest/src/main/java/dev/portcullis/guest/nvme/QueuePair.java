package dev.portcullis.guest.nvme;

import dev.portcullis.guest.port.MachineCheckException;
import dev.portcullis.guest.port.Processor;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/// A submission queue with its completion queue. Several threads may have commands under way; each
/// has a slot, whose number is the command's identifier.
///
/// @nvme 4.1 Submission Queue & Completion Queue Definition
final class QueuePair {
  static final int SUBMISSION_BYTES = 64;
  static final int COMPLETION_BYTES = 16;

  /// Interrupts may get lost, and a controller that breaks does not tell.
  private static final int LOOK_MILLIS = 50;

  private final Processor processor;
  private final ControllerRegisters registers;
  private final Place place;
  private final Slot[] slots;
  private final int[] statuses;
  private final long[] results;
  private int tail;
  private int head;
  private int phase = 1;
  private long strays;
  private boolean dead;

  private enum Slot {
    FREE,
    UNDER_WAY,
    DONE
  }

  /// Where the queues are.
  ///
  /// @param number of both
  /// @param submission guest physical address of `entries` entries of 64 bytes
  /// @param completion guest physical address of `entries` entries of 16 bytes, zeroes
  record Place(int number, long submission, long completion, int entries) {}

  /// What the controller answered.
  ///
  /// @param status the entry's status field, 15 bits; 0 for success
  /// @param result doubleword 0 of the entry
  record Completion(int status, long result) {
    boolean isSuccess() {
      return (status & 0x7ff) == 0;
    }
  }

  /// No answer came: the controller is to be stopped, for it may still be at work on the command.
  static final class NoAnswerException extends Exception {
    private static final long serialVersionUID = 1;

    NoAnswerException(String message) {
      super(message);
    }
  }

  /// Empty queues.
  QueuePair(Processor processor, ControllerRegisters registers, Place place) {
    this.processor = processor;
    this.registers = registers;
    this.place = place;
    this.slots = new Slot[place.entries() - 1];
    this.statuses = new int[slots.length];
    this.results = new long[slots.length];
    Arrays.fill(slots, Slot.FREE);
  }

  Place place() {
    return place;
  }

  /// Has the controller carry out `command`, and waits for its answer. An interrupt of the thread
  /// is put off: the controller may be at work on the caller's memory.
  synchronized Completion execute(Command command, long limitMillis) throws NoAnswerException {
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
  private boolean await(long deadline) throws NoAnswerException {
    requireAlive();
    long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    if (left <= 0) {
      throw new NoAnswerException("it does not answer");
    }
    boolean interrupted = false;
    long before = System.nanoTime();
    try {
      wait(Math.min(left, LOOK_MILLIS));
    } catch (InterruptedException e) {
      interrupted = true;
    }
    requireAlive();
    boolean taken = take();
    if (!taken && System.nanoTime() - before >= TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS)) {
      if (registers.isFatal()) {
        throw new NoAnswerException("it says that it has failed");
      }
    }
    return interrupted;
  }

  private void requireAlive() throws NoAnswerException {
    if (dead) {
      throw new NoAnswerException("it was stopped under the command");
    }
  }

  private int submit(Command command) throws NoAnswerException {
    requireAlive();
    int slot = freeSlot();
    slots[slot] = Slot.UNDER_WAY;
    command.write(processor, place.submission() + (long) tail * SUBMISSION_BYTES, slot);
    tail = (tail + 1) % place.entries();
    processor.store(registers.submissionDoorbell(place.number()), 4, tail);
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

  /// The controller's interrupt: takes what it has answered.
  synchronized void interrupted() {
    try {
      if (!dead) {
        take();
      }
    } catch (MachineCheckException gone) {
      kill();
    }
  }

  /// Takes what the controller has answered, at most as much as the queue holds.
  ///
  /// @return whether there was anything
  private boolean take() {
    int taken = 0;
    while (taken < place.entries()) {
      long entry = place.completion() + (long) head * COMPLETION_BYTES;
      long last = processor.load(entry + 8, 8);
      if ((last >>> 48 & 1) != phase) {
        break;
      }
      complete((int) (last >>> 32) & 0xffff, (int) (last >>> 49), processor.load(entry, 4));
      taken++;
      head = (head + 1) % place.entries();
      phase = head == 0 ? 1 - phase : phase;
    }
    if (taken > 0) {
      processor.store(registers.completionDoorbell(place.number()), 4, head);
      notifyAll();
    }
    return taken > 0;
  }

  private void complete(int slot, int status, long result) {
    if (slot < slots.length && slots[slot] == Slot.UNDER_WAY) {
      statuses[slot] = status;
      results[slot] = result;
      slots[slot] = Slot.DONE;
    } else {
      strays++;
    }
  }

  /// How many answers came for which nothing was under way; they were dropped.
  synchronized long strays() {
    return strays;
  }

  /// Nothing is answered any more: those who wait give up.
  synchronized void kill() {
    dead = true;
    notifyAll();
  }
}
