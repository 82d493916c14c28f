package dev.portcullis.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A part of a file, mapped into this process and shared with whoever else maps it.
///
/// Closing unmaps it; an access that comes later, or is under way in another thread, gets an
/// `IllegalStateException`. Where the file has been cut by another process, an ordinary read or
/// write gets an `InternalError` and a compare-and-set ends the JVM: map only files that are long
/// enough, and read a page plainly before an atomic update.
public final class Mapping implements AutoCloseable {
  /// Offsets and lengths of mappings are multiples of this.
  public static final long PAGE_BYTES = 4096;

  private static final long PROT_READ = 1;
  private static final long PROT_WRITE = 2;
  private static final long MAP_SHARED = 1;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment bytes;

  /// What a mapping is for.
  public enum Protection {
    READ_ONLY,
    READ_WRITE
  }

  private Mapping(long address, long lengthBytes, Protection protection) {
    MemorySegment whole = reinterpret(address, lengthBytes);
    // The kernel would answer a write with SIGSEGV, which the JVM does not survive.
    bytes = protection == Protection.READ_ONLY ? whole.asReadOnly() : whole;
  }

  @SuppressWarnings("restricted")
  private MemorySegment reinterpret(long address, long lengthBytes) {
    return MemorySegment.ofAddress(address).reinterpret(lengthBytes, arena, Mapping::unmap);
  }

  /// Maps `lengthBytes` bytes of `file` from `offset` on. The descriptor may be closed afterwards.
  ///
  /// Nothing grows a file that is too short: see [MemoryFile#sizeBytes].
  ///
  /// @throws LinuxException EACCES if the descriptor does not allow `protection`; EINVAL if the
  ///   offset is not on a page, or there is nothing to map
  public static Mapping of(Descriptor file, long offset, long lengthBytes, Protection protection)
      throws LinuxException {
    if (lengthBytes <= 0 || offset < 0 || offset % PAGE_BYTES != 0) {
      throw new LinuxException("mmap", Errno.EINVAL);
    }
    Scratch scratch = Scratch.ofThisThread();
    long access = protection == Protection.READ_ONLY ? PROT_READ : PROT_READ | PROT_WRITE;
    long fd = file.acquire(SystemCall.MMAP);
    try {
      long address =
          Kernel.call(
              SystemCall.MMAP, scratch.with(0, lengthBytes, access, MAP_SHARED).and(fd, offset));
      return new Mapping(address, lengthBytes, protection);
    } finally {
      file.release();
    }
  }

  /// The mapped bytes, for any thread, until [#close()].
  public MemorySegment bytes() {
    return bytes;
  }

  /// Unmaps; costs about 100 µs and a short pause of the accessing threads. Once more does nothing.
  ///
  /// @throws IllegalStateException while a system call is reading from or writing to the mapping
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private static void unmap(MemorySegment gone) {
    try {
      Kernel.call(
          SystemCall.MUNMAP, Scratch.ofThisThread().with(gone.address(), gone.byteSize(), 0, 0));
    } catch (LinuxException e) {
      throw new AssertionError("a mapping of ours could not be unmapped", e);
    }
  }
}
