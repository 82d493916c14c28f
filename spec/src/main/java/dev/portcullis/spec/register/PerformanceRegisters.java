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

  /// What one counter can do, where counters differ (PERFCAP.PCCS).
  public static final BitField CNTR_EGCNT = bits("EGCNT", 31, 28);

  public static final BitField CNTR_GFS = bit("GFS", 17);
  public static final BitField CNTR_IOS = bit("IOS", 16);
  public static final BitField CNTR_CW = bits("CW", 15, 8);
  public static final BitField PCC = bit("PCC", 0);

  /// The event group that a word of events of one counter is about.
  public static final BitField CNTR_EGI = bits("EGI", 31, 28);

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

  /// The filters that a counter may have, by what announces them: requester, domain, PASID, address
  /// type, level.
  public static final List<BitField> FILTERS = List.of(RIDFS, DIDFS, PASIDFS, ATFS, PTLFS);

  private PerformanceRegisters() {}

  /// The registers of a unit that announces `announced`, each at its place.
  public static List<Register> of(PerformanceCapability announced) {
    List<Register> all = new ArrayList<>();
    all.add(PERFINTRSTS);
    all.add(PERFCAP.holding(announced.word()));
    all.add(PERFCFGOFF.holding(announced.configurations()));
    all.add(PERFFRZOFF.holding(announced.freezes()));
    all.add(PERFOVFOFF.holding(announced.overflows()));
    all.add(PERFCNTROFF.holding(announced.counters()));
    for (int group = 0; group < announced.groups(); group++) {
      all.add(
          PERFEVNTCAP
              .holding(announced.eventsOf(group))
              .at(PERFEVNTCAP.offset() + 8 * group, "[" + group + "]"));
    }
    if (announced.number() > 0) {
      all.add(freezes(announced));
      all.add(overflows(announced));
    }
    for (int counter = 0; counter < announced.number(); counter++) {
      all.add(configuration(announced, counter));
      for (int filter = 0; filter < FILTERS.size(); filter++) {
        if (announced.has(FILTERS.get(filter))) {
          all.add(filter(announced, counter, filter));
        }
      }
      if (announced.has(PCCS)) {
        addOwnCapabilities(all, announced, counter);
      }
      all.add(value(announced, counter));
    }
    return all;
  }

  /// PERFFRZSTS: a bit for each counter that is frozen.
  public static Register freezes(PerformanceCapability announced) {
    return register(
            "PERFFRZSTS", announced.freezes(), 64, 0, field(bits("frozen", 63, 0), Access.RO))
        .needs(NEEDED);
  }

  /// PERFOVFSTS: a bit for each counter that has overflowed.
  public static Register overflows(PerformanceCapability announced) {
    return register(
            "PERFOVFSTS",
            announced.overflows(),
            64,
            0,
            field(bits("overflowed", 63, 0), Access.RW1CS))
        .needs(NEEDED);
  }

  /// CNTRCFG of `counter`: what it counts.
  public static Register configuration(PerformanceCapability announced, int counter) {
    List<RegisterField> fields = new ArrayList<>();
    fields.add(field(ES, Access.RW));
    fields.add(field(EGI, Access.RW));
    if (announced.has(GFS)) {
      fields.add(field(GFO, Access.RW));
    }
    if (announced.has(IOS)) {
      fields.add(field(IO, Access.RW));
    }
    fields.add(field(EN, Access.RO));
    Register register = register("CNTRCFG", 0, 64, 0, fields.toArray(RegisterField[]::new));
    return placed(register, announced, counter, 0);
  }

  /// A filter of `counter`.
  ///
  /// @param filter 0 requester, 1 domain, 2 PASID, 3 address type, 4 level
  public static Register filter(PerformanceCapability announced, int counter, int filter) {
    return switch (filter) {
      case 0 -> filter(announced, counter, "CNTRRIDF", 0x08, FILTER_RID);
      case 1 -> filter(announced, counter, "CNTRDIDF", 0x0c, FILTER_DID);
      case 2 -> filter(announced, counter, "CNTRPASIDF", 0x10, PFM, FILTER_PASID);
      case 3 -> filter(announced, counter, "CNTRATF", 0x14, FILTER_AT);
      case 4 -> filter(announced, counter, "CNTRPTLF", 0x18, FILTER_LEVELS);
      default -> throw new IllegalArgumentException("filter " + filter + ": 0 to 4");
    };
  }

  /// PERFCNTR of `counter`: its value.
  public static Register value(PerformanceCapability announced, int counter) {
    BitField count = bits("CNT", announced.widthBits() - 1, 0);
    return register("PERFCNTR", 0, 64, 0, field(count, Access.RW))
        .needs(NEEDED)
        .at(announced.value(counter), "[" + counter + "]");
  }

  /// Every counter says of itself what PERFCAP and PERFEVNTCAP say of all.
  private static void addOwnCapabilities(
      List<Register> all, PerformanceCapability announced, int counter) {
    long own =
        CNTR_EGCNT.encode(announced.groups())
            | CNTR_GFS.encode(GFS.of(announced.word()))
            | CNTR_IOS.encode(IOS.of(announced.word()))
            | CNTR_CW.encode(announced.widthBits())
            | PCC.encode(1);
    Register capability =
        register("CNTRCAP", 0, 32, own, readOnly(CNTR_EGCNT, CNTR_GFS, CNTR_IOS, CNTR_CW, PCC));
    all.add(placed(capability, announced, counter, 0x80));
    for (int group = 0; group < announced.groups(); group++) {
      long counted = CNTR_EGI.encode(group) | announced.eventsOf(group);
      Register events = register("CNTREVCAP" + group, 0, 32, counted, readOnly(CNTR_EGI, EVENTS));
      all.add(placed(events, announced, counter, 0x84 + 4 * group));
    }
  }

  private static Register placed(
      Register register, PerformanceCapability announced, int counter, int offset) {
    return register
        .needs(NEEDED)
        .at(announced.configuration(counter) + offset, "[" + counter + "]");
  }

  private static Register offset(String name, int offset) {
    return register(name, offset, 32, 0, readOnly(bits("offset", 31, 0))).needs(NEEDED);
  }

  private static Register filter(
      PerformanceCapability announced, int counter, String name, int offset, BitField... fields) {
    RegisterField[] all = new RegisterField[fields.length + 1];
    all[0] = field(FILTER_EN, Access.RW);
    for (int i = 0; i < fields.length; i++) {
      all[i + 1] = field(fields[i], Access.RW);
    }
    return placed(register(name, 0, 32, 0, all), announced, counter, offset);
  }

  private static RegisterField[] readOnly(BitField... fields) {
    RegisterField[] all = new RegisterField[fields.length];
    for (int i = 0; i < fields.length; i++) {
      all[i] = field(fields[i], Access.RO);
    }
    return all;
  }
}
