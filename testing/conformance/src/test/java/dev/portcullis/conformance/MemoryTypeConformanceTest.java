package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.observe.UnitEvent;
import dev.portcullis.unit.request.MemoryType;
import dev.portcullis.unit.request.PageUse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The memory type range registers, and the type and the snooping of an access.
class MemoryTypeConformanceTest {
  private static final int MTRRDEF = 0x108;
  private static final int FIX64K = 0x120;
  private static final int FIX16K_A0000 = 0x130;
  private static final int FIX4K_C8000 = 0x140;
  private static final int PHYSBASE0 = 0x180;
  private static final int PHYSMASK0 = 0x188;
  private static final long ENABLED = 1 << 11;
  private static final long FIXED = 1 << 10;
  private static final long VALID = 1 << 11;
  private static final long SNP = 1 << 11;
  private static final long SECOND_STAGE = 2 << 6;
  private static final long FIRST_STAGE = 1 << 6;
  private static final long NESTED = 3 << 6;
  private static final long CD = 1 << 25;
  private static final long EMTE = 1 << 26;
  private static final long PGSNP = 1 << 24;
  private static final long IOVA = 0x40_1000;

  private final TestMachine machine =
      TestMachine.withUnit(
          builder -> UnitConfiguration.Preset.SCALABLE.builder().with(Feature.MEMORY_TYPES));

  private final Registers registers = machine.registers();
  private final TestDevice device = machine.device("00:03.0");
  private final List<UnitEvent> events = new ArrayList<>();
  private final long entry = pasidEntry();

  /// Root, context, PASID directory and table for the device; the address of the entry of PASID 0.
  private long pasidEntry() {
    long table = machine.page();
    long directory = machine.page();
    long contexts = machine.page();
    machine.memory().writeLong(directory, table | 1);
    machine.memory().writeLong(contexts + 32L * device.sourceId(), directory | 1);
    machine.memory().writeLong(machine.rootTable(), contexts | 1);
    return table;
  }

  /// Tables of four levels in which `leaf` maps the page, all other entries being `pointer`.
  private long tables(long leaf, long pointer) {
    long table = machine.page();
    long root = table;
    for (int level = 4; level > 1; level--) {
      long next = machine.page();
      machine
          .memory()
          .writeLong(table + (IOVA >>> 12 + 9 * (level - 1) & 0x1ff) * 8, next | pointer);
      table = next;
    }
    machine.memory().writeLong(table + (IOVA >>> 12 & 0x1ff) * 8, leaf);
    return root;
  }

  private PageUse use(long word0, long word1, long word2) {
    machine.memory().writeLong(entry + 8, word1 | 1 << 23 | 5);
    machine.memory().writeLong(entry + 16, word2);
    machine.memory().writeLong(entry, word0 | 1);
    machine.queue().enableWide();
    registers.write64(0x20, machine.rootTable() | 1 << 10);
    registers.command(1L << 30);
    registers.command(1L << 31);
    machine.unit().attach(events::add);
    assertThat(device.read(IOVA).completion().isSuccess()).isTrue();
    return ((UnitEvent.Translated) events.getLast()).use();
  }

  private static long second(long tables) {
    return tables | 2 << 2;
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, WRITE_BACK",
    "1, 0, UNCACHEABLE",
    "1, 1, WRITE_COMBINING",
    "1, 4, WRITE_THROUGH",
    "1, 5, WRITE_PROTECTED",
    "1, 6, WRITE_BACK",
    "1, 3, UNCACHEABLE"
  })
  @Covers("register ECAP.MTS")
  void theSecondStageGivesTheTypeWhereExtendedTypesCount(
      int extended, long type, MemoryType expected) {
    long tables = tables(machine.page() | 3 | type << 3, 3);

    PageUse use = use(second(tables) | SECOND_STAGE, extended * EMTE, 0);

    assertThat(use).isEqualTo(new PageUse(expected, false));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 6, WRITE_BACK",
    "0x18, 6, UNCACHEABLE",
    "0x08, 6, WRITE_THROUGH",
    "0x80, 6, WRITE_COMBINING",
    "0x80, 0, WRITE_COMBINING",
    "0, 4, WRITE_THROUGH",
    "0, 0, UNCACHEABLE"
  })
  @Covers({"register MTRRDEF.TYPE", "register MTRRDEF.E"})
  void theFirstStageCombinesPageAttributesAndRanges(
      int attributes, long range, MemoryType expected) {
    registers.write64(MTRRDEF, ENABLED | range);
    long pat = 0x0000_0001_0007_0406L << 32; // 0 WB, 1 WT, 2 UC-, 3 UC, 4 WC
    pat = 6L << 32 | 4L << 36 | 7L << 40 | 0L << 44 | 1L << 48;
    long tables = tables(machine.page() | 0x27 | attributes, 0x27);

    PageUse use = use(FIRST_STAGE, pat, tables);

    assertThat(use.type()).isEqualTo(expected);
  }

  @Test
  void withCachesDisabledEverythingIsUncacheable() {
    long tables = tables(machine.page() | 3 | 6 << 3, 3);

    assertThat(use(second(tables) | SECOND_STAGE, EMTE | CD, 0).type())
        .isEqualTo(MemoryType.UNCACHEABLE);
  }

  @ParameterizedTest
  @CsvSource({"0, 0, false", "1, 0, true", "0, 1, true"})
  void accessesAreSnoopedWhereThePasidOrThePageSaysSo(int pasid, int page, boolean expected) {
    long tables = tables(machine.page() | 3 | page * SNP, 3);

    assertThat(use(second(tables) | SECOND_STAGE, pasid * PGSNP, 0).snooped()).isEqualTo(expected);
  }

  @Test
  @Covers({"register MTRRCAP.VCNT", "register MTRRCAP.FIX", "register MTRRCAP.WC"})
  void tenVariableRangesAndTheFixedOnesAreAnnounced() {
    assertThat(registers.read64(0x100)).isEqualTo(0x50a);
  }

  @Test
  @Covers({
    "register MTRR_FIX.types",
    "register MTRR_PHYSBASE.BASE",
    "register MTRR_PHYSBASE.TYPE",
    "register MTRR_PHYSMASK.MASK",
    "register MTRR_PHYSMASK.V",
    "register MTRRDEF.FE"
  })
  void theRangeRegistersHoldWhatSoftwareWrites() {
    for (int offset : new int[] {FIX64K, FIX16K_A0000, FIX4K_C8000, 0x170}) {
      registers.write64(offset, 0x0102_0304_0506_0706L);
      assertThat(registers.read64(offset)).isEqualTo(0x0102_0304_0506_0706L);
    }
    registers.write64(MTRRDEF, -1L);
    assertThat(registers.read64(MTRRDEF)).isEqualTo(0xcff);
    for (int n = 0; n < 10; n++) {
      registers.write64(PHYSBASE0 + 16 * n, -1L);
      registers.write64(PHYSMASK0 + 16 * n, -1L);
      assertThat(registers.read64(PHYSBASE0 + 16 * n)).isEqualTo(0x3fff_ffff_f0ffL);
      assertThat(registers.read64(PHYSMASK0 + 16 * n)).isEqualTo(0x3fff_ffff_f800L);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "6, 6, WRITE_BACK",
    "6, 4, WRITE_THROUGH",
    "6, 0, UNCACHEABLE",
    "1, 1, WRITE_COMBINING"
  })
  void rangesThatOverlapAgreeOrTheStricterOneCounts(long one, long other, MemoryType expected) {
    registers.write64(MTRRDEF, ENABLED | FIXED | 5);
    for (int n = 0; n < 2; n++) {
      registers.write64(PHYSBASE0 + 16 * n, n == 0 ? one : other);
      registers.write64(PHYSMASK0 + 16 * n, VALID);
    }
    long pat = 6L << 32;
    long high = machine.page();
    long tables = tables(high | 0x27, 0x27);

    PageUse use = use(FIRST_STAGE, pat, tables);

    assertThat(high).as("beyond the fixed ranges").isGreaterThanOrEqualTo(0);
    assertThat(use.type()).isEqualTo(high < 1 << 20 ? MemoryType.UNCACHEABLE : expected);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 4, WRITE_THROUGH",
    "1, 0, 4, UNCACHEABLE",
    "1, 1, 4, WRITE_THROUGH",
    "1, 1, 6, WRITE_BACK"
  })
  void underTwoStagesThePageAttributesCountUnlessTheSecondStageIgnoresThem(
      int extended, int ignores, long second, MemoryType expected) {
    registers.write64(MTRRDEF, ENABLED | 4);
    long secondPage = machine.page();
    long guestTable = machine.page();
    long pat = (extended == 1 ? 0L : 6L) << 32;
    // The second stage maps everything onto itself with one large page for each GiB.
    long level3 = machine.page();
    long level4 = machine.page();
    long leaf = 3 | 1 << 7 | second << 3 | (long) ignores << 6;
    for (int i = 0; i < 512; i++) {
      machine.memory().writeLong(level3 + 8L * i, (long) i << 30 | leaf);
    }
    machine.memory().writeLong(level4, level3 | 3);
    long first = tables(secondPage | 0x27, 0x27);

    PageUse use = use(second(level4) | NESTED, pat | (long) extended * EMTE, first);

    assertThat(guestTable).isPositive();
    assertThat(use.type()).isEqualTo(expected);
  }
}
