package dev.portcullis.unit.monitor;

import static dev.portcullis.spec.register.PerformanceRegisters.EGI;
import static dev.portcullis.spec.register.PerformanceRegisters.EN;
import static dev.portcullis.spec.register.PerformanceRegisters.ES;
import static dev.portcullis.spec.register.PerformanceRegisters.FILTER_AT;
import static dev.portcullis.spec.register.PerformanceRegisters.FILTER_DID;
import static dev.portcullis.spec.register.PerformanceRegisters.FILTER_EN;
import static dev.portcullis.spec.register.PerformanceRegisters.FILTER_LEVELS;
import static dev.portcullis.spec.register.PerformanceRegisters.FILTER_PASID;
import static dev.portcullis.spec.register.PerformanceRegisters.FILTER_RID;
import static dev.portcullis.spec.register.PerformanceRegisters.GFO;
import static dev.portcullis.spec.register.PerformanceRegisters.IO;
import static dev.portcullis.spec.register.PerformanceRegisters.PFM;

import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.register.PerformanceCapability;
import dev.portcullis.spec.register.PerformanceRegisters;
import dev.portcullis.unit.lookup.Tally;
import dev.portcullis.unit.register.Cell;
import dev.portcullis.unit.register.RegisterFile;
import java.util.List;
import java.util.stream.IntStream;

/// One counter: its configuration, its filters and its value. Under the register file's lock.
final class Counter {
  private static final int RID = 0;
  private static final int DID = 1;
  private static final int PASID = 2;
  private static final int AT = 3;
  private static final int LEVELS = 4;

  private final Cell configuration;
  private final List<Cell> filters;
  private final Cell value;
  private final PerformanceCapability announced;
  private final long largest;

  Counter(RegisterFile file, PerformanceCapability announced, int index) {
    this.announced = announced;
    this.configuration = file.cell(PerformanceRegisters.configuration(announced, index));
    this.filters =
        IntStream.range(0, PerformanceRegisters.FILTERS.size())
            .mapToObj(filter -> file.cell(PerformanceRegisters.filter(announced, index, filter)))
            .toList();
    this.value = file.cell(PerformanceRegisters.value(announced, index));
    this.largest = -1L >>> 64 - announced.widthBits();
    configuration.onWrite((before, after, written) -> keep(configuration, before));
    filters.forEach(filter -> filter.onWrite((before, after, written) -> keep(filter, before)));
    if (!announced.has(PerformanceRegisters.CWE)) {
      value.onWrite((before, after, written) -> keep(value, before));
    }
  }

  /// What decides what is counted cannot be written while it is counted.
  private void keep(Cell cell, long before) {
    if (EN.isSet(cell == configuration ? before : configuration.word())) {
      cell.set(before);
    }
  }

  boolean isEnabled() {
    return configuration.isSet(EN);
  }

  void enable(boolean on) {
    configuration.set(EN, on ? 1 : 0);
  }

  boolean interruptsOnOverflow() {
    return configuration.isSet(IO);
  }

  boolean freezesOnOverflow() {
    return configuration.isSet(GFO);
  }

  void resetConfiguration() {
    configuration.set(0);
    filters.forEach(filter -> filter.set(0));
  }

  void resetValue() {
    value.set(0);
  }

  /// Whether the unit can count what is asked for.
  boolean isCountable() {
    int group = EGI.intOf(configuration.word());
    long events = ES.of(configuration.word());
    boolean known = events != 0 && (events & ~announced.eventsOf(group)) == 0;
    boolean filtered = filters.stream().anyMatch(filter -> filter.isSet(FILTER_EN));
    if (!known || filtered && Long.bitCount(events) > 1) {
      return false;
    }
    boolean byPasid = isFiltered(DID) || isFiltered(PASID);
    return !(byPasid && !Counted.knowsPasid(group)
        || isFiltered(AT) && !Counted.knowsAddressType(group, events)
        || isFiltered(LEVELS) && !Counted.knowsLevel(group, events));
  }

  private boolean isFiltered(int filter) {
    return filters.get(filter).isSet(FILTER_EN);
  }

  private long filter(int filter) {
    return filters.get(filter).word();
  }

  /// Counts what a request cost.
  ///
  /// @param addressType AT, 0 to 2
  /// @return whether the counter overflowed
  boolean count(int sourceId, int prefix, int addressType, Tally tally) {
    if (!lets(sourceId)
        || isFiltered(DID) && FILTER_DID.intOf(filter(DID)) != tally.domain
        || isFiltered(PASID) && !letsPasid(prefix)
        || isFiltered(AT) && (FILTER_AT.of(filter(AT)) >> addressType & 1) == 0) {
      return false;
    }
    int levels = isFiltered(LEVELS) ? FILTER_LEVELS.intOf(filter(LEVELS)) : Counted.EVERY_LEVEL;
    long word = configuration.word();
    return add(Counted.in(tally, EGI.intOf(word), ES.of(word), levels));
  }

  /// Counts one event of `group` that belongs to no request for memory.
  ///
  /// @return whether the counter overflowed
  boolean count(int sourceId, int group, int event) {
    long word = configuration.word();
    boolean counts = EGI.intOf(word) == group && (ES.of(word) >>> event & 1) != 0;
    return counts && lets(sourceId) && add(1);
  }

  private boolean lets(int sourceId) {
    return !isFiltered(RID) || FILTER_RID.intOf(filter(RID)) == sourceId;
  }

  private boolean letsPasid(int prefix) {
    long filter = filter(PASID);
    boolean present = PasidPrefix.isPresent(prefix);
    return switch (PFM.intOf(filter)) {
      case 0 -> present && FILTER_PASID.intOf(filter) == PasidPrefix.pasid(prefix);
      case 1 -> present;
      case 2 -> !present;
      default -> false;
    };
  }

  private boolean add(long events) {
    long sum = value.word() + events;
    value.set(sum & largest);
    return Long.compareUnsigned(sum, largest) > 0 || Long.compareUnsigned(sum, events) < 0;
  }
}
