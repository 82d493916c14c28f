package dev.portcullis.kit.reference;

import dev.portcullis.kit.fault.FaultRecord;
import dev.portcullis.kit.fault.Messages.Message;
import dev.portcullis.kit.register.Facts;
import dev.portcullis.memory.Fetched;
import dev.portcullis.memory.MemoryMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A second reading of interrupt remapping and posting: no caches, no state, nothing shared with
/// the unit.
///
/// @vtd 5.1.4 Interrupt-Remapping Hardware Operation
/// @vtd 5.2.3 Interrupt-Posting Hardware Operation
public final class NaiveRemapper {
  private static final int[] COUNTED_BITS = {0xffff, 0xfffb, 0xfff9, 0xfff8};

  private final Facts facts;
  private final MemoryMap memory;
  private final Fetched fetched = new Fetched();

  /// What the unit was told.
  ///
  /// @param remapping IRES
  /// @param compatibility CFIS
  /// @param irta IRTA, as SIRTP took it
  public record Switches(boolean remapping, boolean compatibility, long irta) {}

  /// What is to come of a request.
  ///
  /// @param refused whether the device sees that it failed
  /// @param record what is recorded
  /// @param message what is sent
  /// @param written 64-bit words of memory that change, by address
  public record Verdict(
      boolean refused,
      Optional<FaultRecord> record,
      Optional<Message> message,
      Map<Long, Long> written) {

    private static Verdict sent(long address, int data) {
      return new Verdict(
          false, Optional.empty(), Optional.of(new Message(address, data)), Map.of());
    }

    private static Verdict fault(int reason, int sourceId) {
      return new Verdict(
          true, Optional.of(FaultRecord.interrupt(reason, sourceId)), Optional.empty(), Map.of());
    }

    private static Verdict fault(int reason, int sourceId, int index) {
      return new Verdict(
          true,
          Optional.of(FaultRecord.interrupt(reason, sourceId, index)),
          Optional.empty(),
          Map.of());
    }

    private Verdict silent() {
      return new Verdict(true, Optional.empty(), message, written);
    }
  }

  public NaiveRemapper(Facts facts, MemoryMap memory) {
    this.facts = facts;
    this.memory = memory;
  }

  /// What is to come of the interrupt request of `sourceId`, a write of `data` to `address`.
  public Verdict remap(Switches switches, int sourceId, long address, int data) {
    if (!switches.remapping) {
      return facts.remappingRequired()
          ? Verdict.fault(0x2b, sourceId) // order 2
          : Verdict.sent(address, data); // order 3
    }
    boolean wide = facts.extendedInterrupts() && bit(switches.irta, 11);
    if (facts.extendedInterruptsRequired() && !wide) {
      return Verdict.fault(0x2a, sourceId); // order 4
    }
    if (!bit(address, 4)) {
      return wide || !switches.compatibility
          ? Verdict.fault(0x25, sourceId) // orders 5 and 6
          : Verdict.sent(address, data); // order 7
    }
    boolean shv = bit(address, 3);
    if (shv && data >>> 16 != 0) {
      return Verdict.fault(0x20, sourceId); // order 8
    }
    int handle = (int) (address >>> 5) & 0x7fff | (bit(address, 2) ? 1 << 15 : 0);
    int index = handle + (shv ? data : 0);
    long table = switches.irta >>> 12 << 12;
    long at = table + 16L * index;
    // A table at the end of all addresses does not go on at address 0.
    if (index >= 2 << (switches.irta & 15) || (table | at) >>> facts.hostAddressBits() != 0) {
      return Verdict.fault(0x21, sourceId, index); // order 9
    }
    if (!memory.fetch128(at, fetched)) {
      return Verdict.fault(0x23, sourceId, index); // order 10
    }
    long lo = fetched.lo;
    Verdict verdict = byEntry(lo, fetched.hi, wide, sourceId, index);
    return verdict.refused && bit(lo, 1) ? verdict.silent() : verdict;
  }

  private Verdict byEntry(long lo, long hi, boolean wide, int sourceId, int index) {
    if (!bit(lo, 0)) {
      return Verdict.fault(0x22, sourceId, index); // order 11
    }
    int svt = (int) (hi >>> 18) & 3;
    if (!isFrom(hi, svt, sourceId)) {
      return Verdict.fault(0x26, sourceId, index); // order 12
    }
    boolean posted = bit(lo, 15);
    if (svt == 3 || (posted ? postedIsBad(lo, hi) : remappedIsBad(lo, hi, wide))) {
      return Verdict.fault(0x24, sourceId, index); // order 13
    }
    return posted ? post(lo, hi, wide, sourceId, index) : message(lo, wide);
  }

  private static boolean isFrom(long hi, int svt, int sourceId) {
    int sid = (int) hi & 0xffff;
    int bus = sourceId >>> 8;
    return switch (svt) {
      case 1 -> {
        int counted = COUNTED_BITS[(int) (hi >>> 16) & 3];
        yield (sourceId & counted) == (sid & counted);
      }
      case 2 -> sid >>> 8 <= bus && bus <= (sid & 0xff);
      default -> true;
    };
  }

  private boolean postedIsBad(long lo, long hi) {
    long beyond = -1L << facts.hostAddressBits() & 0xffff_ffff_0000_0000L;
    return !facts.postedInterrupts()
        || (lo & 0x3f_ff00_30fcL) != 0
        || (hi & (0xfff0_0000L | beyond)) != 0;
  }

  private static boolean remappedIsBad(long lo, long hi, boolean wide) {
    int dlm = (int) (lo >>> 5) & 7;
    return (lo & 0xff00_7000L) != 0
        || !wide && (lo & 0xffff_00ff_0000_0000L) != 0
        || hi >>> 20 != 0
        || dlm == 3
        || dlm == 6;
  }

  private static Verdict message(long lo, boolean wide) {
    long destination = wide ? lo >>> 32 : lo >>> 40 & 0xff;
    long address =
        0xfee0_0000L
            | (destination & 0xff) << 12
            | destination >>> 8 << 40
            | lo & 1 << 3
            | lo & 1 << 2;
    int dlm = (int) (lo >>> 5) & 7;
    int trigger = dlm <= 1 && bit(lo, 4) ? 1 << 15 : 0;
    return Verdict.sent(address, trigger | 1 << 14 | dlm << 8 | (int) (lo >>> 16) & 0xff);
  }

  private Verdict post(long lo, long hi, boolean wide, int sourceId, int index) {
    long descriptor = hi & 0xffff_ffff_0000_0000L | lo >>> 38 << 6;
    long[] words = new long[8];
    for (int i = 0; i < 8; i += 2) {
      if (!memory.fetch128(descriptor + 8 * i, fetched)) {
        return Verdict.fault(0x27, sourceId, index); // posting step 1
      }
      words[i] = fetched.lo;
      words[i + 1] = fetched.hi;
    }
    long reserved = 0xff00_fffcL | (wide ? 0 : 0xffff_00ff_0000_0000L);
    if ((words[4] & reserved | words[5] | words[6] | words[7]) != 0) {
      return Verdict.fault(0x28, sourceId, index); // step 2
    }
    int vector = (int) (lo >>> 16) & 0xff;
    int word = vector / 64;
    if (!memory.or64(descriptor + 8 * word, 0)) {
      return Verdict.fault(0x27, sourceId, index); // it can be read, and not written
    }
    Map<Long, Long> written = new TreeMap<>();
    written.put(descriptor + 8 * word, words[word] | 1L << (vector & 63)); // step 3
    long control = words[4];
    if (bit(control, 0) || !bit(lo, 14) && bit(control, 1)) { // step 4
      return new Verdict(false, Optional.empty(), Optional.empty(), written);
    }
    written.put(descriptor + 32, control | 1); // step 5
    long destination = wide ? control >>> 32 : control >>> 40 & 0xff;
    Message told =
        new Message(
            0xfee0_0000L | (destination & 0xff) << 12 | destination >>> 8 << 40,
            1 << 14 | (int) (control >>> 16) & 0xff); // step 7
    return new Verdict(false, Optional.empty(), Optional.of(told), written);
  }

  private static boolean bit(long word, int bit) {
    return (word >>> bit & 1) != 0;
  }
}
