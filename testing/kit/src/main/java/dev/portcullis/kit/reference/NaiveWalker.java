package dev.portcullis.kit.reference;

import dev.portcullis.kit.fault.FaultRecord;
import dev.portcullis.kit.register.Facts;
import dev.portcullis.kit.table.Context;
import dev.portcullis.kit.table.Entry;
import dev.portcullis.kit.table.Paging;
import dev.portcullis.kit.table.Root;
import dev.portcullis.memory.Fetched;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.unit.policy.Bit62;
import dev.portcullis.unit.request.Request;

/// Translates a request by reading every table, every time, check after check: no cache, no
/// cleverness, nothing shared with the unit but the words of the architecture.
///
/// Legacy mode, requests without PASID, translation enabled.
///
/// @vtd 3.4 DMA Remapping
public final class NaiveWalker {
  private static final long INTERRUPT_RANGE = 0xfee;

  private final Facts facts;
  private final MemoryMap memory;
  private final Bit62 bit62;

  public NaiveWalker(Facts facts, MemoryMap memory, Bit62 bit62) {
    this.facts = facts;
    this.memory = memory;
    this.bit62 = bit62;
  }

  /// The answer to a request.
  ///
  /// @param rtaddr the root table address register as it was latched
  public Answer translate(long rtaddr, int sourceId, long iova, Request request) {
    return new Walk(sourceId, iova, request).start(rtaddr);
  }

  private static boolean inInterruptRange(long address) {
    return address >>> 20 == INTERRUPT_RANGE;
  }

  /// One request on its way.
  private final class Walk {
    private final int sourceId;
    private final long iova;
    private final Request request;
    private final Fetched fetched = new Fetched();

    Walk(int sourceId, long iova, Request request) {
      this.sourceId = sourceId;
      this.iova = iova;
      this.request = request;
    }

    Answer start(long rtaddr) {
      if (inInterruptRange(iova)) {
        return request == Request.ZERO_LENGTH_READ
            ? Answer.at(iova)
            : Answer.fault(FaultRecord.interrupt(0x29, sourceId));
      }
      boolean legacy = (rtaddr >>> 10 & 3) == 0;
      if (!legacy) {
        return fault(0x30);
      }
      return root(rtaddr & -4096L);
    }

    private Answer root(long table) {
      Entry root = fetch128(table + (long) Root.BYTES * (sourceId >>> 8));
      if (root == null) {
        return fault(0x08);
      }
      if ((root.lo() & 1) == 0) {
        return fault(0x01);
      }
      if ((root.lo() & Root.reservedLo(facts.hostAddressBits())) != 0 || root.hi() != 0) {
        return fault(0x0a);
      }
      return context((root.lo() & -4096L) + (long) Context.BYTES * (sourceId & 0xff));
    }

    private Answer context(long hpa) {
      Entry context = fetch128(hpa);
      if (context == null) {
        return fault(0x09);
      }
      Answer answer = checkedContext(context);
      boolean processingDisabled = (context.lo() >>> Context.FPD & 1) != 0;
      return processingDisabled && answer.record().isPresent() ? Answer.silence() : answer;
    }

    private Answer checkedContext(Entry context) {
      if ((context.lo() & 1) == 0) {
        return fault(0x02);
      }
      int type = (int) (context.lo() >>> 2) & 3;
      boolean passes = type == Context.PASS_THROUGH;
      long reservedLo = Context.reservedLo(facts.hostAddressBits());
      if (passes) {
        // The pointer is ignored as a whole, the bits above the host's width included.
        reservedLo &= 0xff0;
      }
      if ((context.lo() & reservedLo) != 0
          || (context.hi() & Context.reservedHi(facts.domainIdBits())) != 0) {
        return fault(0x0b);
      }
      int levels = (int) (context.hi() & 7) + 2;
      if (!facts.hasLevels(levels)) {
        return fault(0x03);
      }
      return switch (type) {
        case Context.SECOND_STAGE -> secondStage(context.lo() & -4096L, levels);
        case Context.WITH_DEVICE_TLB ->
            facts.deviceTlbs() ? secondStage(context.lo() & -4096L, levels) : fault(0x03);
        case Context.PASS_THROUGH -> facts.passThrough() ? passThrough() : fault(0x03);
        default -> fault(0x03);
      };
    }

    private Answer passThrough() {
      if (beyond(facts.hostAddressBits())) {
        return fault(0x04);
      }
      return Answer.at(iova);
    }

    private Answer secondStage(long table, int levels) {
      if (beyond(Math.min(facts.guestAddressBits(), 12 + 9 * levels))) {
        return fault(0x04);
      }
      long rights = Paging.RW;
      for (int level = levels; ; level--) {
        if (!memory.fetch64(table + 8L * Paging.index(iova, level), fetched)) {
          return fault(level == levels ? 0x03 : 0x07);
        }
        long entry = fetched.lo;
        if ((entry & Paging.RW) == 0) {
          return fault(writes() ? 0x05 : 0x06);
        }
        if ((entry & reserved(entry, level)) != 0) {
          return fault(0x0c);
        }
        rights &= entry;
        if (isLeaf(entry, level)) {
          return leaf(entry, level, rights);
        }
        table = Paging.address(entry);
      }
    }

    private Answer leaf(long entry, int level, long rights) {
      boolean canRead = (rights & Paging.R) != 0;
      boolean canWrite = (rights & Paging.W) != 0;
      if (writes() && !canWrite) {
        return fault(0x05);
      }
      boolean excepted = request == Request.ZERO_LENGTH_READ && facts.zeroLengthReads() && canWrite;
      if (request != Request.WRITE && !canRead && !excepted) {
        return fault(0x06);
      }
      long offset = Paging.span(level) - 1;
      long hpa = Paging.address(entry) & ~offset | iova & offset;
      return inInterruptRange(hpa) ? fault(0x0e) : Answer.at(hpa);
    }

    private boolean isLeaf(long entry, int level) {
      return level == 1 || level <= 3 && (entry & Paging.PS) != 0;
    }

    private long reserved(long entry, int level) {
      long beyondHost = -1L << facts.hostAddressBits() & 0x000f_ffff_ffff_ffffL;
      long always = beyondHost | (bit62 == Bit62.RESERVED ? Paging.BIT_62 : 0);
      if (!isLeaf(entry, level)) {
        return always | Paging.SNP | Paging.PS;
      }
      long snoop = facts.snoopControl() ? 0 : Paging.SNP;
      long size = level > 1 && !facts.hasPageAt(level) ? Paging.PS : 0;
      long lowAddress = Paging.span(level) - 1 & -4096L;
      return always | snoop | size | lowAddress;
    }

    private boolean writes() {
      return request == Request.WRITE || request == Request.ATOMIC;
    }

    private boolean beyond(int bits) {
      return bits < 64 && iova >>> bits != 0;
    }

    private Entry fetch128(long hpa) {
      return memory.fetch128(hpa, fetched) ? new Entry(fetched.lo, fetched.hi) : null;
    }

    private Answer fault(int reason) {
      int widest = 12 + 9 * facts.mostLevels();
      long page = iova & -4096L & ~(-1L << widest);
      return Answer.fault(new FaultRecord(reason, sourceId, page, type()));
    }

    private FaultRecord.Type type() {
      return switch (request) {
        case READ, ZERO_LENGTH_READ -> FaultRecord.Type.READ;
        case WRITE -> FaultRecord.Type.WRITE;
        case ATOMIC -> FaultRecord.Type.ATOMIC;
      };
    }
  }
}
