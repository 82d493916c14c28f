package dev.portcullis.machine.wiring;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.AddressType;
import dev.portcullis.pci.AtomicOperation;
import dev.portcullis.pci.AtsEntry;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.pci.TranslationRequest;
import dev.portcullis.pci.UpstreamPort;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.drain.InFlight;
import dev.portcullis.unit.event.MessageSink;
import dev.portcullis.unit.request.Blocked;
import dev.portcullis.unit.request.Request;
import java.lang.foreign.MemorySegment;

/// The way of one function's requests through its unit to memory.
///
/// A request is cut at 4-KiB boundaries; the pieces of up to 256 KiB pass the in-flight window
/// together, so that the window costs little and a drain waits no longer than such a copy takes.
/// Nothing is allocated on the way, and no lock is taken.
///
/// Translated requests pass the window too: no invalidation needs to wait for them, but a change of
/// protected regions or of the memory itself does.
///
/// Address type and PASID prefix travel together as one number, the [Envelope].
final class RemappedPort implements UpstreamPort {
  private static final long PAGE_BYTES = 4096;
  private static final long WINDOW_BYTES = 64 * PAGE_BYTES;
  private static final long INTERRUPTS_START = 0xfee0_0000L;
  private static final long INTERRUPTS_END = 0xfeef_ffffL;
  private static final int DOUBLEWORD_BYTES = 4;

  /// Completions of reads end at multiples of it.
  private static final int READ_COMPLETION_BOUNDARY = 64;

  /// A device says at most so often that one invalidation is done.
  private static final int MOST_COMPLETIONS = 8;

  private final int sourceId;
  private final RemappingUnit unit;
  private final InFlight inFlight;
  private final MemoryMap memory;
  private final MessageSink interrupts;
  private final BlockedRequests blocked;
  private final Envelope.Rules rules;

  RemappedPort(
      int sourceId,
      RemappingUnit unit,
      MemoryMap memory,
      MessageSink interrupts,
      BlockedRequests blocked) {
    this.sourceId = sourceId;
    this.unit = unit;
    this.inFlight = unit.inFlight();
    this.memory = memory;
    this.interrupts = interrupts;
    this.blocked = blocked;
    this.rules = Envelope.rulesOf(unit);
  }

  @Override
  public Completion read(long iova, MemorySegment to, long toOffset, long lengthBytes) {
    return transfer(Envelope.PLAIN, Request.READ, iova, to, toOffset, lengthBytes);
  }

  @Override
  public Completion read(
      AddressType type,
      int prefix,
      long address,
      MemorySegment to,
      long toOffset,
      long lengthBytes) {
    int envelope = Envelope.of(type, prefix);
    return transfer(envelope, Request.READ, address, to, toOffset, lengthBytes);
  }

  @Override
  public Completion write(long iova, MemorySegment from, long fromOffset, long lengthBytes) {
    if (lengthBytes == DOUBLEWORD_BYTES && isAligned(iova) && isInterrupt(iova)) {
      return interrupt(iova, from.get(Doubleword.LAYOUT, fromOffset));
    }
    return transfer(Envelope.PLAIN, Request.WRITE, iova, from, fromOffset, lengthBytes);
  }

  /// Only a write with neither a PASID nor a translated address can be an interrupt.
  @Override
  public Completion write(
      AddressType type,
      int prefix,
      long address,
      MemorySegment from,
      long fromOffset,
      long lengthBytes) {
    int envelope = Envelope.of(type, prefix);
    return envelope == Envelope.PLAIN
        ? write(address, from, fromOffset, lengthBytes)
        : transfer(envelope, Request.WRITE, address, from, fromOffset, lengthBytes);
  }

  private Completion transfer(
      int envelope,
      Request request,
      long iova,
      MemorySegment data,
      long dataOffset,
      long lengthBytes) {
    Completion completion = Completion.SUCCESS;
    for (long done = 0; done < lengthBytes && completion.isSuccess(); done += WINDOW_BYTES) {
      long step = Math.min(WINDOW_BYTES, lengthBytes - done);
      completion = transferWindow(envelope, request, iova + done, data, dataOffset + done, step);
    }
    return completion;
  }

  private Completion transferWindow(
      int envelope,
      Request request,
      long iova,
      MemorySegment data,
      long dataOffset,
      long lengthBytes) {
    int pages = pages(iova, lengthBytes);
    int ticket = inFlight.enter(pages);
    try {
      long done = 0;
      while (done < lengthBytes) {
        long step = Math.min(lengthBytes - done, leftInPage(iova + done));
        long hpa = route(envelope, iova + done, request);
        if (hpa < 0) {
          return block(iova + done, request, hpa);
        }
        boolean moved =
            request == Request.READ
                ? memory.read(hpa, data, dataOffset + done, step)
                : memory.write(hpa, data, dataOffset + done, step);
        if (!moved) {
          return Completion.UNSUPPORTED_REQUEST;
        }
        done += step;
      }
      return Completion.SUCCESS;
    } finally {
      inFlight.exit(ticket, pages);
    }
  }

  /// Where a request goes: a host physical address, or a negative code.
  private long route(int envelope, long address, Request request) {
    if (envelope == Envelope.PLAIN) {
      return unit.translate(sourceId, address, request);
    }
    int prefix = Envelope.prefix(envelope);
    return switch (rules.treatmentOf(envelope)) {
      case TRANSLATE -> unit.translate(sourceId, prefix, address, request);
      case CHECK -> unit.checkTranslated(sourceId, prefix, address, request);
      case REFUSE -> Blocked.SILENTLY;
    };
  }

  @Override
  public Completion zeroLengthRead(long iova) {
    return zeroLengthRead(AddressType.UNTRANSLATED, PasidPrefix.NONE, iova);
  }

  @Override
  public Completion zeroLengthRead(AddressType type, int prefix, long address) {
    int ticket = inFlight.enter(1);
    try {
      long hpa = route(Envelope.of(type, prefix), address, Request.ZERO_LENGTH_READ);
      return hpa < 0 ? block(address, Request.ZERO_LENGTH_READ, hpa) : Completion.SUCCESS;
    } finally {
      inFlight.exit(ticket, 1);
    }
  }

  // Deviation: a malformed request is answered; on a bus its requester waits until time is up.
  @Override
  public Completion atomic(AddressType type, int prefix, long address, AtomicOperation operation) {
    if ((address & operation.widthBytes() - 1) != 0) {
      return Completion.UNSUPPORTED_REQUEST;
    }
    int ticket = inFlight.enter(1);
    try {
      long hpa = route(Envelope.of(type, prefix), address, Request.ATOMIC);
      return hpa < 0
          ? block(address, Request.ATOMIC, hpa)
          : ReadModifyWrite.carryOut(operation, memory, hpa);
    } finally {
      inFlight.exit(ticket, 1);
    }
  }

  /// A translation ends before its request does: none leaves the unit after an invalidation whose
  /// wait has ended.
  @Override
  public long requestTranslation(TranslationRequest request) {
    if (!request.isWellFormed(READ_COMPLETION_BOUNDARY)) {
      return AtsEntry.refused(Completion.UNSUPPORTED_REQUEST);
    }
    int ticket = inFlight.enter(1);
    try {
      long answer =
          unit.requestTranslation(sourceId, request.prefix(), request.address(), request.noWrite());
      return answer < 0 ? AtsEntry.refused(block(request.address(), Request.READ, answer)) : answer;
    } finally {
      inFlight.exit(ticket, 1);
    }
  }

  @Override
  public boolean requestPage(PageRequest request) {
    unit.requestPage(sourceId, request);
    return true;
  }

  /// The message counts up to 8 in three bits.
  @Override
  public boolean invalidationCompleted(int tags, int count) {
    return unit.invalidationCompleted(sourceId, tags, count & MOST_COMPLETIONS - 1).isSuccess();
  }

  @Override
  public Completion message(long address, int data) {
    long aligned = address & -DOUBLEWORD_BYTES;
    return isInterrupt(aligned) ? interrupt(aligned, data) : writeDoubleword(aligned, data);
  }

  private Completion interrupt(long address, int data) {
    long outcome = unit.interrupt(sourceId, address, data, interrupts);
    return outcome < 0 ? block(address, Request.WRITE, outcome) : Completion.SUCCESS;
  }

  /// A message that software has pointed at memory is a write like any other.
  private Completion writeDoubleword(long address, int data) {
    int ticket = inFlight.enter(1);
    try {
      long hpa = unit.translate(sourceId, address, Request.WRITE);
      if (hpa < 0) {
        return block(address, Request.WRITE, hpa);
      }
      return memory.store32(hpa, data) ? Completion.SUCCESS : Completion.UNSUPPORTED_REQUEST;
    } finally {
      inFlight.exit(ticket, 1);
    }
  }

  private Completion block(long iova, Request request, long code) {
    blocked.note(sourceId, iova, request, code);
    return Blocked.completion(code);
  }

  /// @vtd 3.14 Handling Requests to Interrupt Address Range
  private static boolean isInterrupt(long address) {
    return address >= INTERRUPTS_START && address <= INTERRUPTS_END;
  }

  /// Four bytes across two doublewords are no interrupt.
  private static boolean isAligned(long address) {
    return (address & DOUBLEWORD_BYTES - 1) == 0;
  }

  private static long leftInPage(long iova) {
    return PAGE_BYTES - (iova & PAGE_BYTES - 1);
  }

  private static int pages(long iova, long lengthBytes) {
    return (int) ((iova & PAGE_BYTES - 1) + lengthBytes + PAGE_BYTES - 1 >>> 12);
  }
}
