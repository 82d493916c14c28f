package dev.portcullis.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What one thread needs to make system calls without allocating: the six arguments, a place for
/// the error number, and room for the small structures the kernel reads or fills.
///
/// It lives as long as its thread, so the kernel never writes to freed memory.
final class Scratch {
  /// Bytes of [#room()].
  static final int ROOM_BYTES = 4096;

  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

  private final MemorySegment capture;
  private final MemorySegment room;
  private final long[] args = new long[6];

  private Scratch() {
    Arena arena = Arena.ofAuto();
    capture = arena.allocate(Kernel.CAPTURE_BYTES, 8);
    room = arena.allocate(ROOM_BYTES, 8);
  }

  static Scratch ofThisThread() {
    return OF_THREAD.get();
  }

  MemorySegment capture() {
    return capture;
  }

  /// [#ROOM_BYTES] bytes for this call's structures; holds what the last call left.
  MemorySegment room() {
    return room;
  }

  /// The address of byte `offset` of [#room()].
  long address(long offset) {
    return room.address() + offset;
  }

  long[] args() {
    return args;
  }

  /// Sets the arguments of the next call; those not given are 0.
  Scratch with(long a, long b, long c, long d) {
    args[0] = a;
    args[1] = b;
    args[2] = c;
    args[3] = d;
    args[4] = 0;
    args[5] = 0;
    return this;
  }

  /// Sets the last two arguments.
  Scratch and(long e, long f) {
    args[4] = e;
    args[5] = f;
    return this;
  }

  void putInt(long offset, int value) {
    room.set(ValueLayout.JAVA_INT, offset, value);
  }

  void putLong(long offset, long value) {
    room.set(ValueLayout.JAVA_LONG, offset, value);
  }

  int intAt(long offset) {
    return room.get(ValueLayout.JAVA_INT, offset);
  }

  long longAt(long offset) {
    return room.get(ValueLayout.JAVA_LONG, offset);
  }
}
