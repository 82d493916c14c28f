package dev.portcullis.kit.rogue;

import dev.portcullis.pci.AddressType;
import dev.portcullis.pci.Ats;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.FunctionHeader;
import dev.portcullis.pci.InvalidateRequest;
import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.PageRequestInterface;
import dev.portcullis.pci.PageResponse;
import dev.portcullis.pci.Pasid;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.TranslationRequest;
import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// A function with all the capabilities of shared memory that heeds none of them: it asks, forges
/// and floods as a test says, and answers invalidations in its own way.
///
/// ```java
/// rogue.onInvalidate(Manner.SILENT);
/// rogue.writeTranslated(hpa, 0x666);
/// ```
public final class RogueFunction extends PciFunction {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// How it takes being told to forget.
  public enum Manner {
    /// As it should, but it has forgotten nothing.
    FEIGNING,
    /// It never answers.
    SILENT,
    /// It answers for another tag, too.
    WRONG_TAG,
    /// It answers twice.
    TWICE
  }

  private final Queue<InvalidateRequest> told = new ConcurrentLinkedQueue<>();
  private final Queue<PageResponse> answers = new ConcurrentLinkedQueue<>();
  private volatile Manner manner = Manner.FEIGNING;

  /// A rogue that feigns obedience.
  public RogueFunction() {
    super(
        FunctionHeader.of(0x1234, 0x0bad),
        List.of(),
        List.of(new Ats(Ats.MOST_INVALIDATIONS), new Pasid(), new PageRequestInterface(512)));
  }

  /// Takes invalidations in this manner from now on.
  public void onInvalidate(Manner next) {
    manner = next;
  }

  /// What it was told to forget, oldest first.
  public Queue<InvalidateRequest> told() {
    return told;
  }

  /// What its page requests were answered, oldest first.
  public Queue<PageResponse> answers() {
    return answers;
  }

  @Override
  public boolean invalidate(InvalidateRequest request) {
    told.add(request);
    int tag = 1 << request.tag();
    switch (manner) {
      case FEIGNING -> complete(tag);
      case SILENT -> {}
      case WRONG_TAG -> complete(tag | Integer.rotateLeft(tag, 1));
      case TWICE -> {
        complete(tag);
        complete(tag);
      }
    }
    return true;
  }

  /// Says that the requests with these tags are carried out, whether they are or were ever made.
  public boolean complete(int tags) {
    return port().invalidationCompleted(tags, 1);
  }

  @Override
  public void respond(PageResponse response) {
    answers.add(response);
  }

  /// Everything it can reach the machine by.
  public UpstreamPort out() {
    return port();
  }

  /// Asks where the page of `iova` is.
  ///
  /// @return an [dev.portcullis.pci.AtsEntry], or a negative number
  public long ask(int prefix, long iova) {
    return port().requestTranslation(TranslationRequest.of(prefix, iova));
  }

  /// Writes to `hpa` as if it had been told to go there.
  public Completion writeTranslated(int prefix, long hpa, long value) {
    return write(AddressType.TRANSLATED, prefix, hpa, value);
  }

  /// Reads at `hpa` as if it had been told to go there.
  public Completion readTranslated(int prefix, long hpa) {
    return port().read(AddressType.TRANSLATED, prefix, hpa, Arena.ofAuto().allocate(8), 0, 8);
  }

  /// Writes eight bytes with an address of any type.
  public Completion write(AddressType type, int prefix, long address, long value) {
    MemorySegment word = Arena.ofAuto().allocate(8);
    word.set(LONG, 0, value);
    return port().write(type, prefix, address, word, 0, 8);
  }

  /// Writes the doubleword `value` with an address of any type.
  public Completion writeDoubleword(AddressType type, int prefix, long address, int value) {
    MemorySegment word = Arena.ofAuto().allocate(8);
    word.set(LONG, 0, value);
    return port().write(type, prefix, address, word, 0, 4);
  }

  /// Asks for `count` pages from that of `iova` on, each the last of a group of its own, whatever
  /// it is allowed.
  public void flood(int prefix, long iova, int count) {
    for (int i = 0; i < count; i++) {
      port().requestPage(new PageRequest(prefix, iova + 4096L * i, i & 0x1ff, true, true, true));
    }
  }

  @Override
  public long readBar(int bar, long offset, int widthBytes) {
    return 0;
  }

  @Override
  public void writeBar(int bar, long offset, int widthBytes, long value) {}
}
