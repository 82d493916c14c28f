package dev.portcullis.kit.reference;

import dev.portcullis.kit.Outcome;
import dev.portcullis.kit.fault.FaultRecord;
import dev.portcullis.kit.register.Facts;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.AtsEntry;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.unit.policy.Bit62;
import dev.portcullis.unit.request.Request;
import java.util.List;
import java.util.Optional;

/// Answers a request by reading every table, every time, check after check: no cache, no
/// cleverness, nothing shared with the unit but the words of the architecture.
///
/// Every mode and every kind of request, with translation enabled and no protected memory.
///
/// @vtd 3.4 DMA Remapping
public final class NaiveWalker {
  private static final int LEGACY = 0;
  private static final int SCALABLE = 1;
  private static final int RESERVED = 2;
  private static final int SECOND_STAGE_UPDATE_FAILED = 0x7d;
  private static final int FIRST_VERSION_WITHOUT_EXECUTE = 8;

  private final Facts facts;
  private final MemoryMap memory;
  private final Bit62 bit62;

  public NaiveWalker(Facts facts, MemoryMap memory, Bit62 bit62) {
    this.facts = facts;
    this.memory = memory;
    this.bit62 = bit62;
  }

  /// The answer to an untranslated request without PASID.
  ///
  /// @param rtaddr the root table address register as it was latched
  public Answer translate(long rtaddr, int sourceId, long iova, Request request) {
    return answer(rtaddr, Ask.untranslated(sourceId, iova, request));
  }

  /// The answer to a request.
  ///
  /// @param rtaddr the root table address register as it was latched
  public Answer answer(long rtaddr, Ask ask) {
    return answer(rtaddr, walk(rtaddr, ask));
  }

  /// The paging entries that a supervisor's read of `iova` makes a unit read which caches nothing.
  ///
  /// @param rtaddr the root table address register as it was latched
  /// @param pasidEntry a good PASID table entry, lowest word first
  public List<Visit> visits(long rtaddr, long[] pasidEntry, long iova) {
    Walk walk = walk(rtaddr, Ask.untranslated(0, iova, Request.READ));
    new PasidTables(walk, true, false).staged(new PasidEntry(pasidEntry));
    return walk.visits;
  }

  /// The paging entries that a request makes a unit read which caches nothing.
  ///
  /// @param rtaddr the root table address register as it was latched
  public List<Visit> visits(long rtaddr, Ask ask) {
    Walk walk = walk(rtaddr, ask);
    answer(rtaddr, walk);
    return walk.visits;
  }

  private Walk walk(long rtaddr, Ask ask) {
    boolean ioRights = facts.secondStageIoRights() && (rtaddr >>> 7 & 1) != 0;
    return new Walk(ask, facts, bit62, ioRights, memory);
  }

  private Answer answer(long rtaddr, Walk walk) {
    Ask ask = walk.ask;
    if (ask.kind() == Ask.Kind.UNTRANSLATED
        && !ask.hasPasid()
        && Walk.inInterruptRange(ask.address())) {
      return ask.isZeroLengthRead()
          ? Answer.at(ask.address(), walk.flags) // 0.7
          : Answer.of(
              Completion.UNSUPPORTED_REQUEST,
              Optional.of(FaultRecord.interrupt(0x29, ask.sourceId())), // 0.8
              walk.flags);
    }
    if (ask.isTranslated() && ask.hasPasid() && !facts.translatedPasids()) {
      return Answer.silence(); // 0.5
    }
    int mode = (int) (rtaddr >>> 10) & 3;
    int refusal = modeRefusal(mode, walk);
    if (refusal != 0) {
      return fault(walk, refusal);
    }
    long table = rtaddr & -4096L;
    Page page =
        mode == LEGACY ? new LegacyTables(walk).root(table) : new ScalableTables(walk).root(table);
    return page.isFault() ? fault(walk, page.reason()) : success(walk, page);
  }

  /// 1.1 to 1.6.
  private int modeRefusal(int mode, Walk walk) {
    Ask ask = walk.ask;
    boolean offered =
        switch (mode) {
          case LEGACY -> true;
          case SCALABLE -> facts.scalableMode();
          case RESERVED -> false;
          default -> facts.abortMode();
        };
    if (!offered) {
      return 0x30;
    }
    if (mode == LEGACY && walk.ioRights && !ask.hasPasid() && !ask.isPage()) {
      return 0x30;
    }
    if (mode > RESERVED) {
      return 0x33;
    }
    if (!ask.isPage()
        && PasidPrefix.isExecute(ask.prefix())
        && facts.majorVersion() >= FIRST_VERSION_WITHOUT_EXECUTE) {
      return 0x34;
    }
    if (mode == LEGACY && ask.isPage()) {
      return 0x32;
    }
    return mode == LEGACY && ask.hasPasid() ? 0x31 : 0;
  }

  private Answer fault(Walk walk, int reason) {
    walk.flags.refused(reason == SECOND_STAGE_UPDATE_FAILED);
    Ask ask = walk.ask;
    Responses.Response response = Responses.to(ask, reason);
    boolean silenced = walk.silenced && Responses.isQualified(reason);
    Optional<FaultRecord> record =
        silenced || !Responses.isRecorded(response, reason)
            ? Optional.empty()
            : Optional.of(ask.record(reason, facts.recordedAddressBits()));
    return switch (response) {
      case UNSUPPORTED_REQUEST -> Answer.of(Completion.UNSUPPORTED_REQUEST, record, walk.flags);
      case COMPLETER_ABORT -> Answer.of(Completion.COMPLETER_ABORT, record, walk.flags);
      case EMPTY -> {
        Answer empty = Answer.at(privilege(ask), walk.flags);
        yield new Answer(empty.outcome(), record, walk.flags);
      }
    };
  }

  private Answer success(Walk walk, Page page) {
    if (walk.ask.isPage()) {
      return new Answer(Outcome.QUEUED, Optional.empty(), walk.flags);
    }
    if (!walk.ask.isTranslation()) {
      return Answer.at(page.hpa(), walk.flags);
    }
    if (page.level() == 0) {
      return Answer.at(page.hpa(), walk.flags); // S.1 and S.2: the completion as it is
    }
    boolean write = page.write() && !(walk.ask.noWrite() && facts.noWriteFlag());
    if (!page.read() && !write) {
      walk.flags.refused(false);
      return Answer.at(privilege(walk.ask), walk.flags);
    }
    long word =
        privilege(walk.ask)
            | (page.read() ? AtsEntry.R : 0)
            | (write ? AtsEntry.W : 0)
            | (page.snoop() ? AtsEntry.N : 0);
    return Answer.at(address(page) | word, walk.flags);
  }

  /// The address field of a completion and S.
  private static long address(Page page) {
    if (page.level() == 1) {
      return page.hpa() & -4096L;
    }
    long span = 1L << 12 + 9 * (page.level() - 1);
    return page.hpa() & -span | span / 2 - 4096 | AtsEntry.S;
  }

  private static long privilege(Ask ask) {
    return PasidPrefix.isPrivileged(ask.prefix()) ? AtsEntry.PRIV : 0;
  }
}
