package dev.portcullis.pci;

import java.lang.foreign.MemorySegment;

/// A function's own end of its upstream port: closed unless software lets the function be a bus
/// master, and noting in the Status register how requests failed.
///
/// @pcie 7.5.1.1.3 Command Register
/// @pcie 7.5.1.1.4 Status Register
final class MasterPort implements UpstreamPort {
  private final ConfigSpace config;
  private volatile UpstreamPort upstream = UpstreamPort.unplugged();
  private volatile boolean open;
  private volatile boolean awake = true;

  MasterPort(ConfigSpace config) {
    this.config = config;
  }

  void connect(UpstreamPort to) {
    upstream = to;
  }

  /// Lets memory requests out or not, and messages, which software cannot hold back.
  ///
  /// @param mastering whether software lets the function be a bus master
  void open(boolean isAwake, boolean mastering) {
    awake = isAwake;
    open = isAwake && mastering;
  }

  @Override
  public Completion read(long iova, MemorySegment to, long toOffset, long lengthBytes) {
    return open
        ? noted(upstream.read(iova, to, toOffset, lengthBytes))
        : Completion.UNSUPPORTED_REQUEST;
  }

  @Override
  public Completion write(long iova, MemorySegment from, long fromOffset, long lengthBytes) {
    return open
        ? noted(upstream.write(iova, from, fromOffset, lengthBytes))
        : Completion.UNSUPPORTED_REQUEST;
  }

  @Override
  public Completion zeroLengthRead(long iova) {
    return open ? noted(upstream.zeroLengthRead(iova)) : Completion.UNSUPPORTED_REQUEST;
  }

  /// A message is posted: nothing comes back that could be noted.
  @Override
  public Completion message(long address, int data) {
    return open ? upstream.message(address, data) : Completion.UNSUPPORTED_REQUEST;
  }

  @Override
  public Completion read(
      AddressType type,
      int prefix,
      long address,
      MemorySegment to,
      long toOffset,
      long lengthBytes) {
    return open
        ? noted(upstream.read(type, prefix, address, to, toOffset, lengthBytes))
        : Completion.UNSUPPORTED_REQUEST;
  }

  @Override
  public Completion write(
      AddressType type,
      int prefix,
      long address,
      MemorySegment from,
      long fromOffset,
      long lengthBytes) {
    return open
        ? noted(upstream.write(type, prefix, address, from, fromOffset, lengthBytes))
        : Completion.UNSUPPORTED_REQUEST;
  }

  @Override
  public Completion zeroLengthRead(AddressType type, int prefix, long address) {
    return open
        ? noted(upstream.zeroLengthRead(type, prefix, address))
        : Completion.UNSUPPORTED_REQUEST;
  }

  @Override
  public Completion atomic(AddressType type, int prefix, long address, AtomicOperation operation) {
    return open
        ? noted(upstream.atomic(type, prefix, address, operation))
        : Completion.UNSUPPORTED_REQUEST;
  }

  @Override
  public long requestTranslation(TranslationRequest request) {
    if (!open) {
      return AtsEntry.refused(Completion.UNSUPPORTED_REQUEST);
    }
    long answer = upstream.requestTranslation(request);
    noted(AtsEntry.completion(answer));
    return answer;
  }

  @Override
  public boolean requestPage(PageRequest request) {
    return awake && upstream.requestPage(request);
  }

  @Override
  public boolean invalidationCompleted(int tags, int count) {
    return awake && upstream.invalidationCompleted(tags, count);
  }

  // Deviation: a write gets no completion on a real bus; here its failure is noted like a read's.
  private Completion noted(Completion completion) {
    switch (completion) {
      case SUCCESS -> {}
      case UNSUPPORTED_REQUEST -> note(ConfigRegisters.RECEIVED_MASTER_ABORT);
      case COMPLETER_ABORT -> note(ConfigRegisters.RECEIVED_TARGET_ABORT);
    }
    return completion;
  }

  private void note(int statusBit) {
    config.setBits(ConfigRegisters.STATUS, 2, statusBit);
  }
}
