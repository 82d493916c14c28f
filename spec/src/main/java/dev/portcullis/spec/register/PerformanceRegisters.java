package dev.portcullis.spec.register;

import static dev.portcullis.spec.BitField.bit;
import static dev.portcullis.spec.BitField.bits;
import static dev.portcullis.spec.register.Register.register;
import static dev.portcullis.spec.register.RegisterField.field;

import dev.portcullis.spec.BitField;
import java.util.ArrayList;
import java.util.List;

/// Performance monitoring: what a unit can count, and its counters.
///
/// ```
///   PERFCAP  54 52  51   50  49  48    36    35     34     33    32  28 24 22 16 15      0
///           +----+----+---+---+---+-------+-----+-------+------+-----+-----+----+--------+
///           | CS |PCCS|IOS|GFS|CWE| PTLFS |ATFS |PASIDFS|DIDFS |RIDFS|EGCNT| CW | NCNTR  |
///           +----+----+---+---+---+-------+-----+-------+------+-----+-----+----+--------+
///   CNTRCFG  63  60 59              32 31        12 11    8 7       3   2    1    0
///           +------+------------------+------------+-------+---------+-----+----+----+
///           |  0   |        ES        |     0      |  EGI  |    0    | GFO | IO | EN |
///           +------+------------------+------------+-------+---------+-----+----+----+
/// ```
///
/// @vtd 11.4.13 Performance Monitoring Registers
public final class PerformanceRegisters {
  /// Counter stride: 2^(CS + 10) bytes.
  public static final BitField CS = bits("CS", 54, 52);

  /// Each counter has capability registers of its own.
  public static final BitField PCCS = bit("PCCS", 51);

  /// Interrupt on overflow.
  public static final BitField IOS = bit("IOS", 50);

  /// Global freeze on overflow.
  public static final BitField GFS = bit("GFS", 49);

  /// Counters can be written while they count.
  public static final BitField CWE = bit("CWE", 48);

  /// Filters by level, address type, PASID, domain and requester.
  public static final BitField PTLFS = bit("PTLFS", 36);

  public static final BitField ATFS = bit("ATFS", 35);
  public static final BitField PASIDFS = bit("PASIDFS", 34);
  public static final BitField DIDFS = bit("DIDFS", 33);
  public static final BitField RIDFS = bit("RIDFS", 32);

  /// Number of event groups.
  public static final BitField EGCNT = bits("EGCNT", 28, 24);

  /// Counter width in bits.
  public static final BitField CW = bits("CW", 22, 16);

  /// Number of counters.
  public static final BitField NCNTR = bits("NCNTR", 15, 0);

  /// A counter has overflowed.
  public static final BitField PIS = bit("PIS", 0);

  /// Events of a group that are counted: a bit for each.
  public static final BitField EVENTS = bits("events", 27, 0);

  /// Events that a counter counts: a bit for each.
  public static final BitField ES = bits("ES", 59, 32);

  /// The group they are of.
  public static final BitField EGI = bits("EGI", 11, 8);

  /// Freeze every counter on overflow.
  public static final BitField GFO = bit("GFO", 2);

  /// Interrupt on overflow.
  public static final BitField IO = bit("IO", 1);

  /// The counter counts.
  public static final BitField EN = bit("EN", 0);

  /// A filter is on.
  public static final BitField FILTER_EN = bit("EN", 31);

  public static final BitField FILTER_RID = bits("RID", 15, 0);
  public static final BitField FILTER_DID = bits("DID", 15, 0);

  /// 0 this PASID, 1 any, 2 none.
  public static final BitField PFM = bits("PFM", 21, 20);

  public static final BitField FILTER_PASID = bits("PASID", 19, 0);

  /// Address types: untranslated, translation, translated.
  public static final BitField FILTER_AT = bits("AT", 4, 0);

  /// Levels of tables, 1 to 5.
  public static final BitField FILTER_LEVELS = bits("levels", 4, 0);

  /// Number of counters of a unit that has them.
  public static final int COUNTERS = 8;

  /// Width of a counter in bits.
  public static final int COUNTER_BITS = 48;

  /// Number of event groups.
  public static final int GROUPS = 5;

  /// Where the counters' configuration is: 256 bytes for each.
  public static final int CONFIGURATION = 0x2000;

  /// Where it is told which counters are frozen.
  public static final int FREEZE = 0x2800;

  /// Where it is told which counters have overflowed.
  public static final int OVERFLOW = 0x2808;

  /// Where the counters are: one every [#STRIDE] bytes.
  public static final int COUNTER = 0x4000;

  public static final int STRIDE = 0x400;

  private static final int CONFIGURATION_BYTES = 0x100;
  private static final Feature NEEDED = Feature.PERFORMANCE_MONITORING;

  public static final Register PERFCAP =
      register(
              "PERFCAP",
              0x300,
              64,
              0,
              readOnly(
                  CS, PCCS, IOS, GFS, CWE, PTLFS, ATFS, PASIDFS, DIDFS, RIDFS, EGCNT, CW, NCNTR))
          .needs(NEEDED);

  public static final Register PERFCFGOFF = offset("PERFCFGOFF", 0x310);
  public static final Register PERFFRZOFF = offset("PERFFRZOFF", 0x314);
  public static final Register PERFOVFOFF = offset("PERFOVFOFF", 0x318);
  public static final Register PERFCNTROFF = offset("PERFCNTROFF", 0x31c);

  public static final Register PERFINTRSTS =
      register("PERFINTRSTS", 0x324, 32, 0, field(PIS, Access.RW1CS)).needs(NEEDED);

  /// Events of group 0; one for each group follows.
  public static final Register PERFEVNTCAP =
      register("PERFEVNTCAP", 0x380, 64, 0, readOnly(EVENTS)).needs(NEEDED);

  public static final Register CNTRCFG =
      register(
              "CNTRCFG",
              CONFIGURATION,
              64,
              0,
              field(ES, Access.RW),
              field(EGI, Access.RW),
              field(GFO, Access.RW),
              field(IO, Access.RW),
              field(EN, Access.RO))
          .needs(NEEDED);

  /// The five filters of a counter, 4 bytes each from 8 on: requester, domain, PASID, address type,
  /// level.
  public static final List<Register> FILTERS =
      List.of(
          filter("CNTRRIDF", 0x08, FILTER_RID),
          filter("CNTRDIDF", 0x0c, FILTER_DID),
          filter("CNTRPASIDF", 0x10, PFM, FILTER_PASID),
          filter("CNTRATF", 0x14, FILTER_AT),
          filter("CNTRPTLF", 0x18, FILTER_LEVELS));

  public static final Register PERFFRZSTS =
      register("PERFFRZSTS", FREEZE, 64, 0, field(bits("frozen", 63, 0), Access.RO)).needs(NEEDED);

  public static final Register PERFOVFSTS =
      register("PERFOVFSTS", OVERFLOW, 64, 0, field(bits("overflowed", 63, 0), Access.RW1CS))
          .needs(NEEDED);

  public static final Register PERFCNTR =
      register("PERFCNTR", COUNTER, 64, 0, field(bits("CNT", COUNTER_BITS - 1, 0), Access.RW))
          .needs(NEEDED);

  /// All of them, at their places.
  public static final List<Register> ALL = all();

  private PerformanceRegisters() {}

  /// Offset of register `of` of counter 0 for counter `counter`.
  public static int ofCounter(Register of, int counter) {
    return of.offset() + counter * (of.offset() >= COUNTER ? STRIDE : CONFIGURATION_BYTES);
  }

  /// Offset of the events of `group`.
  public static int ofGroup(int group) {
    return PERFEVNTCAP.offset() + 8 * group;
  }

  private static List<Register> all() {
    List<Register> all =
        new ArrayList<>(
            List.of(
                PERFCAP,
                PERFCFGOFF,
                PERFFRZOFF,
                PERFOVFOFF,
                PERFCNTROFF,
                PERFINTRSTS,
                PERFFRZSTS,
                PERFOVFSTS));
    for (int group = 0; group < GROUPS; group++) {
      all.add(PERFEVNTCAP.at(ofGroup(group), "[" + group + "]"));
    }
    for (int counter = 0; counter < COUNTERS; counter++) {
      String suffix = "[" + counter + "]";
      all.add(CNTRCFG.at(ofCounter(CNTRCFG, counter), suffix));
      for (Register filter : FILTERS) {
        all.add(filter.at(ofCounter(filter, counter), suffix));
      }
      all.add(PERFCNTR.at(ofCounter(PERFCNTR, counter), suffix));
    }
    return List.copyOf(all);
  }

  private static Register offset(String name, int offset) {
    return register(name, offset, 32, 0, readOnly(bits("offset", 31, 0))).needs(NEEDED);
  }

  private static Register filter(String name, int offset, BitField... fields) {
    RegisterField[] all = new RegisterField[fields.length + 1];
    all[0] = field(FILTER_EN, Access.RW);
    for (int i = 0; i < fields.length; i++) {
      all[i + 1] = field(fields[i], Access.RW);
    }
    return register(name, CONFIGURATION + offset, 32, 0, all).needs(NEEDED);
  }

  private static RegisterField[] readOnly(BitField... fields) {
    RegisterField[] all = new RegisterField[fields.length];
    for (int i = 0; i < fields.length; i++) {
      all[i] = field(fields[i], Access.RO);
    }
    return all;
  }
}
