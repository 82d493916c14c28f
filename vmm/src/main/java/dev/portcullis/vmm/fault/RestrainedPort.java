package dev.portcullis.vmm.fault;

import dev.portcullis.pci.AddressType;
import dev.portcullis.pci.AtomicOperation;
import dev.portcullis.pci.AtsEntry;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.TranslationRequest;
import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.MemorySegment;

/// The port of a function that is held back as long as it is refused again and again, so that a
/// storm of faults takes next to nothing of the processors that others need.
///
/// The thread waits when its request has ended: nothing of it is under way then, and no drain waits
/// for it. What comes of a request is what the port behind this one says.
public final class RestrainedPort implements UpstreamPort {
  private final UpstreamPort way;
  private final Restraint restraint;

  /// Holds back who comes through `way`.
  public RestrainedPort(UpstreamPort way) {
    this(way, new Restraint());
  }

  RestrainedPort(UpstreamPort way, Restraint restraint) {
    this.way = way;
    this.restraint = restraint;
  }

  private Completion judged(Completion completion) {
    if (!completion.isSuccess()) {
      restraint.refused();
    }
    return completion;
  }

  @Override
  public Completion read(long iova, MemorySegment to, long toOffset, long lengthBytes) {
    return judged(way.read(iova, to, toOffset, lengthBytes));
  }

  @Override
  public Completion write(long iova, MemorySegment from, long fromOffset, long lengthBytes) {
    return judged(way.write(iova, from, fromOffset, lengthBytes));
  }

  @Override
  public Completion zeroLengthRead(long iova) {
    return judged(way.zeroLengthRead(iova));
  }

  @Override
  public Completion message(long address, int data) {
    return judged(way.message(address, data));
  }

  @Override
  public Completion read(
      AddressType type,
      int prefix,
      long address,
      MemorySegment to,
      long toOffset,
      long lengthBytes) {
    return judged(way.read(type, prefix, address, to, toOffset, lengthBytes));
  }

  @Override
  public Completion write(
      AddressType type,
      int prefix,
      long address,
      MemorySegment from,
      long fromOffset,
      long lengthBytes) {
    return judged(way.write(type, prefix, address, from, fromOffset, lengthBytes));
  }

  @Override
  public Completion zeroLengthRead(AddressType type, int prefix, long address) {
    return judged(way.zeroLengthRead(type, prefix, address));
  }

  @Override
  public Completion atomic(AddressType type, int prefix, long address, AtomicOperation operation) {
    return judged(way.atomic(type, prefix, address, operation));
  }

  @Override
  public long requestTranslation(TranslationRequest request) {
    long answer = way.requestTranslation(request);
    judged(AtsEntry.completion(answer));
    return answer;
  }

  /// Never waits: software's queue of page requests is what bounds them.
  @Override
  public boolean requestPage(PageRequest request) {
    return way.requestPage(request);
  }

  @Override
  public boolean invalidationCompleted(int tags, int count) {
    return way.invalidationCompleted(tags, count);
  }
}
