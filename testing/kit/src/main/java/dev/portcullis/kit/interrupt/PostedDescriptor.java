package dev.portcullis.kit.interrupt;

import dev.portcullis.kit.TestMachine;
import java.util.ArrayList;
import java.util.List;

/// A posted-interrupt descriptor in memory, from software's side.
///
/// @vtd 9.12 Posted Interrupt Descriptor (PID)
public final class PostedDescriptor {
  /// Bits of the control word.
  public static final long ON = 1;

  public static final long SN = 1 << 1;

  private static final int CONTROL = 32;

  private final TestMachine machine;
  private final long address;

  /// The descriptor at `address`.
  public PostedDescriptor(TestMachine machine, long address) {
    this.machine = machine;
    this.address = address;
  }

  /// An empty one that tells `destination`, bits [319:288] as they are, by `vector`.
  public static PostedDescriptor of(TestMachine machine, int vector, int destination) {
    PostedDescriptor descriptor = new PostedDescriptor(machine, machine.page());
    descriptor.control((long) destination << 32 | (long) vector << 16);
    return descriptor;
  }

  public long address() {
    return address;
  }

  /// Bits [319:256].
  public long control() {
    return machine.memory().readLong(address + CONTROL);
  }

  public PostedDescriptor control(long word) {
    machine.memory().writeLong(address + CONTROL, word);
    return this;
  }

  /// Sets one of its 512 bits.
  public PostedDescriptor set(int bit) {
    long at = address + bit / 64 * 8;
    machine.memory().writeLong(at, machine.memory().readLong(at) | 1L << (bit & 63));
    return this;
  }

  /// The vectors whose bits are set.
  public List<Integer> requests() {
    List<Integer> vectors = new ArrayList<>();
    for (int vector = 0; vector < 256; vector++) {
      long word = machine.memory().readLong(address + vector / 64 * 8);
      if ((word >>> (vector & 63) & 1) != 0) {
        vectors.add(vector);
      }
    }
    return vectors;
  }
}
