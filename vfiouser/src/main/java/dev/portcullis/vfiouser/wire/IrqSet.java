package dev.portcullis.vfiouser.wire;

import dev.portcullis.linux.Errno;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What shall happen with a run of interrupts: argsz, flags, index, start, count, 32 bits each;
/// then, if the data are booleans, one byte per interrupt. Events come as descriptors.
///
/// @param start first interrupt of the run
/// @param count length of the run; 0 with [Data#NONE] and [Action#TRIGGER] switches all off
/// @param chosen one boolean per interrupt, empty unless the data are booleans
/// @vfiouser 8 VFIO_USER_DEVICE_SET_IRQS
public record IrqSet(
    IrqIndex index, Data data, Action action, long start, long count, boolean[] chosen) {
  public static final int BYTES = 20;

  private static final int DATA = 0x7;
  private static final int ACTION = 0x38;

  /// What comes along; flags [2:0], exactly one of them.
  public enum Data {
    NONE(1),
    BOOL(1 << 1),
    EVENT(1 << 2);

    private final int bit;

    Data(int bit) {
      this.bit = bit;
    }
  }

  /// What it is for; flags [5:3], exactly one of them.
  public enum Action {
    MASK(1 << 3),
    UNMASK(1 << 4),
    TRIGGER(1 << 5);

    private final int bit;

    Action(int bit) {
      this.bit = bit;
    }
  }

  public static IrqSet decode(MemorySegment from, long at, long lengthBytes)
      throws ProtocolException {
    if (lengthBytes < BYTES) {
      Wire.expect(lengthBytes, BYTES);
    }
    Wire.expectRoom(Wire.u32(from, at), BYTES);
    int flags = Wire.i32(from, at + 4);
    Data data = dataOf(flags);
    long count = Wire.u32(from, at + 16);
    Wire.expect(lengthBytes, BYTES + (data == Data.BOOL ? count : 0));
    boolean[] chosen = new boolean[data == Data.BOOL ? (int) count : 0];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = from.get(ValueLayout.JAVA_BYTE, at + BYTES + i) != 0;
    }
    return new IrqSet(
        IrqIndex.of(Wire.u32(from, at + 8)),
        data,
        actionOf(flags),
        Wire.u32(from, at + 12),
        count,
        chosen);
  }

  private static Data dataOf(int flags) throws ProtocolException {
    for (Data one : Data.values()) {
      if ((flags & ~ACTION) == one.bit) {
        return one;
      }
    }
    throw badFlags(flags);
  }

  private static Action actionOf(int flags) throws ProtocolException {
    for (Action one : Action.values()) {
      if ((flags & ~DATA) == one.bit) {
        return one;
      }
    }
    throw badFlags(flags);
  }

  private static ProtocolException badFlags(int flags) {
    return ProtocolException.refused(Errno.EINVAL, "interrupt flags %#x".formatted(flags));
  }

  public long encode(MemorySegment into, long at) {
    Wire.put32(into, at, BYTES + chosen.length);
    Wire.put32(into, at + 4, data.bit | action.bit);
    Wire.put32(into, at + 8, index.ordinal());
    Wire.put32(into, at + 12, start);
    Wire.put32(into, at + 16, count);
    for (int i = 0; i < chosen.length; i++) {
      into.set(ValueLayout.JAVA_BYTE, at + BYTES + i, (byte) (chosen[i] ? 1 : 0));
    }
    return BYTES + chosen.length;
  }
}
