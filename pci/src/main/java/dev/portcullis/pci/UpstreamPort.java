package dev.portcullis.pci;

import java.lang.foreign.MemorySegment;

/// The only way out of a function: each DMA and each interrupt message it makes goes through here,
/// and so through the remapping unit that covers it.
///
/// Addresses are what software told the device: I/O virtual addresses if a unit translates,
/// physical ones if none does. Any length and alignment; the port cuts a request at 4-KiB
/// boundaries, and a request that fails at one page has moved the pages before it. Safe for use by
/// several threads.
public interface UpstreamPort {

  /// Reads `lengthBytes` bytes at `iova` into `to`.
  Completion read(long iova, MemorySegment to, long toOffset, long lengthBytes);

  /// Writes `lengthBytes` bytes of `from` to `iova`.
  Completion write(long iova, MemorySegment from, long fromOffset, long lengthBytes);

  /// Reads nothing at `iova`: the request that flushes earlier writes, one doubleword without byte
  /// enables.
  ///
  /// @pcie 2.2.5 First/Last DW Byte Enables Rules
  Completion zeroLengthRead(long iova);

  /// Writes the doubleword `data` to `address`: what a message-signalled interrupt is.
  Completion message(long address, int data);

  /// The port of a function that is plugged in nowhere: every request is unsupported.
  static UpstreamPort unplugged() {
    return Unplugged.PORT;
  }
}
