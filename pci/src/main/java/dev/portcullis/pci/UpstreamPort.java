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

  /// As [#read(long, MemorySegment, long, long)], with an address of `type` and a [PasidPrefix], or
  /// none.
  default Completion read(
      AddressType type,
      int prefix,
      long address,
      MemorySegment to,
      long toOffset,
      long lengthBytes) {
    return isPlain(type, prefix)
        ? read(address, to, toOffset, lengthBytes)
        : Completion.UNSUPPORTED_REQUEST;
  }

  /// As [#write(long, MemorySegment, long, long)], with an address of `type` and a [PasidPrefix],
  /// or none.
  default Completion write(
      AddressType type,
      int prefix,
      long address,
      MemorySegment from,
      long fromOffset,
      long lengthBytes) {
    return isPlain(type, prefix)
        ? write(address, from, fromOffset, lengthBytes)
        : Completion.UNSUPPORTED_REQUEST;
  }

  /// As [#zeroLengthRead(long)], with an address of `type` and a [PasidPrefix], or none.
  default Completion zeroLengthRead(AddressType type, int prefix, long address) {
    return isPlain(type, prefix) ? zeroLengthRead(address) : Completion.UNSUPPORTED_REQUEST;
  }

  /// Carries out `operation` on the word at `address`, a multiple of its width.
  default Completion atomic(AddressType type, int prefix, long address, AtomicOperation operation) {
    return Completion.UNSUPPORTED_REQUEST;
  }

  /// Asks where a page is.
  ///
  /// @return the translation, an [AtsEntry], at least 0; or a negative number, see
  ///   [AtsEntry#completion]
  default long requestTranslation(TranslationRequest request) {
    return AtsEntry.refused(Completion.UNSUPPORTED_REQUEST);
  }

  /// Asks software for a page. The answer comes to the function some time, perhaps before this
  /// returns.
  ///
  /// @return whether the message left
  default boolean requestPage(PageRequest request) {
    return false;
  }

  /// Says that invalidations are carried out: an invalidate completion.
  ///
  /// @param tags bit n stands for the request with tag n
  /// @param count how many such messages there are for each of them, 1 to 8
  /// @return whether the message left
  /// @pcie 10.3.2 Invalidate Completion
  default boolean invalidationCompleted(int tags, int count) {
    return false;
  }

  private static boolean isPlain(AddressType type, int prefix) {
    return type == AddressType.UNTRANSLATED && prefix == PasidPrefix.NONE;
  }

  /// The port of a function that is plugged in nowhere: every request is unsupported.
  static UpstreamPort unplugged() {
    return Unplugged.PORT;
  }
}
