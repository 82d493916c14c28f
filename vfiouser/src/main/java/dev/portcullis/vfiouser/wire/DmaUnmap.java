package dev.portcullis.vfiouser.wire;

import dev.portcullis.linux.Errno;
import java.lang.foreign.MemorySegment;

/// Memory the device may reach no longer: argsz and flags, 32 bits each; address and size, 64 bits
/// each. The reply says the same again.
///
/// @param flags [0] report dirty pages, [1] all there is; address and size are then 0
/// @vfiouser 3 VFIO_USER_DMA_UNMAP
public record DmaUnmap(int flags, long address, long sizeBytes) {
  public static final int BYTES = 24;
  public static final int DIRTY_BITMAP = 1;
  public static final int ALL = 1 << 1;

  public static DmaUnmap decode(MemorySegment from, long at, long lengthBytes)
      throws ProtocolException {
    if (lengthBytes < BYTES) {
      Wire.expect(lengthBytes, BYTES);
    }
    Wire.expectRoom(Wire.u32(from, at), BYTES);
    DmaUnmap unmap =
        new DmaUnmap(Wire.i32(from, at + 4), Wire.i64(from, at + 8), Wire.i64(from, at + 16));
    if ((unmap.flags & DIRTY_BITMAP) != 0) {
      throw ProtocolException.refused(Errno.ENOTSUP, "dirty pages are not tracked");
    }
    Wire.expect(lengthBytes, BYTES);
    unmap.check();
    return unmap;
  }

  private void check() throws ProtocolException {
    if ((flags & ~ALL) != 0 || isAll() && (address | sizeBytes) != 0) {
      throw ProtocolException.refused(
          Errno.EINVAL,
          "unmap flags %#x for %#x bytes at %#x".formatted(flags, sizeBytes, address));
    }
    if (!isAll()) {
      DmaMap.checkRange(address, sizeBytes);
    }
  }

  public boolean isAll() {
    return (flags & ALL) != 0;
  }

  public long encode(MemorySegment into, long at) {
    Wire.put32(into, at, BYTES);
    Wire.put32(into, at + 4, flags);
    Wire.put64(into, at + 8, address);
    Wire.put64(into, at + 16, sizeBytes);
    return BYTES;
  }
}
