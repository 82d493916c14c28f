package dev.portcullis.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.VarHandle;

/// The one door to the kernel: `syscall(2)`.
///
/// Every call goes through the same shape, six words in and one out, so that the foreign-function
/// machinery is set up once (each further shape would cost 8 to 20 ms at start). Addresses travel
/// as plain numbers: whoever calls keeps the memory alive, which [NativeBuffer] and [Scratch] do by
/// never freeing what is still referred to.
final class Kernel {
  private static final int ARGUMENTS = 6;
  private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = CAPTURE.varHandle(PathElement.groupElement("errno"));
  private static final Door DOOR = open();

  /// Bytes a caller provides for the error number.
  static final long CAPTURE_BYTES = CAPTURE.byteSize();

  private Kernel() {}

  /// `syscall(2)` as Java sees it. Public only because a method handle can stand behind no other.
  public interface Door {
    /// Makes system call `number` with exactly six arguments; -1 leaves the reason in `capture`.
    long call(MemorySegment capture, long number, long[] args);
  }

  @SuppressWarnings("restricted")
  private static Door open() {
    Linker linker = Linker.nativeLinker();
    ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
    return MethodHandleProxies.asInterfaceInstance(
        Door.class,
        linker
            .downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(word, word, word, word, word, word, word, word),
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(1))
            .asSpreader(long[].class, ARGUMENTS));
  }

  /// Makes `call` with the arguments in `scratch`, again and again while a signal interrupts it.
  ///
  /// @return what the kernel returned, never negative
  static long call(SystemCall call, Scratch scratch) throws LinuxException {
    while (true) {
      long result = DOOR.call(scratch.capture(), call.number(), scratch.args());
      if (result != -1) {
        return result;
      }
      int errno = (int) ERRNO.get(scratch.capture(), 0L);
      if (errno != Errno.EINTR.number()) {
        throw new LinuxException(call.manualName(), errno);
      }
    }
  }
}
