package dev.portcullis.pci;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// The far end of a port: notes messages, and answers memory requests as it is told to.
final class RecordingPort implements UpstreamPort {
  final List<String> messages = new ArrayList<>();
  Completion answer = Completion.SUCCESS;
  int requests;

  @Override
  public Completion read(long iova, MemorySegment to, long toOffset, long lengthBytes) {
    requests++;
    return answer;
  }

  @Override
  public Completion write(long iova, MemorySegment from, long fromOffset, long lengthBytes) {
    requests++;
    return answer;
  }

  @Override
  public Completion zeroLengthRead(long iova) {
    requests++;
    return answer;
  }

  @Override
  public Completion message(long address, int data) {
    messages.add("%x=%x".formatted(address, data));
    return answer;
  }

  @Override
  public Completion read(
      AddressType type,
      int prefix,
      long address,
      MemorySegment to,
      long toOffset,
      long lengthBytes) {
    requests++;
    return answer;
  }

  @Override
  public Completion write(
      AddressType type,
      int prefix,
      long address,
      MemorySegment from,
      long fromOffset,
      long lengthBytes) {
    requests++;
    return answer;
  }

  @Override
  public Completion zeroLengthRead(AddressType type, int prefix, long address) {
    requests++;
    return answer;
  }

  @Override
  public Completion atomic(AddressType type, int prefix, long address, AtomicOperation operation) {
    requests++;
    return answer;
  }

  @Override
  public long requestTranslation(TranslationRequest request) {
    requests++;
    return answer.isSuccess()
        ? AtsEntry.of(request.address(), 12, AtsEntry.R | AtsEntry.W)
        : AtsEntry.refused(answer);
  }

  @Override
  public boolean requestPage(PageRequest request) {
    messages.add("page %x".formatted(request.address()));
    return true;
  }

  @Override
  public boolean invalidationCompleted(int tags, int count) {
    messages.add("completed %x of %d".formatted(tags, count));
    return true;
  }
}
