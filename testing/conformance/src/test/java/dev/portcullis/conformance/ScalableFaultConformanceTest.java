package dev.portcullis.conformance;

import static dev.portcullis.conformance.ScalableFixture.EXECUTE;
import static dev.portcullis.conformance.ScalableFixture.IOVA;
import static dev.portcullis.conformance.ScalableFixture.PASID;
import static dev.portcullis.conformance.ScalableFixture.PLAIN;
import static dev.portcullis.conformance.ScalableFixture.PRIVILEGED;
import static dev.portcullis.conformance.ScalableFixture.SOURCE;
import static dev.portcullis.conformance.ScalableFixture.WITH_PASID;
import static dev.portcullis.conformance.ScalableFixture.completion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.conformance.ScalableFaults.Condition;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.memory.MappedRegion;
import dev.portcullis.memory.MemoryRegion;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.PageRequest;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.request.Request;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Each condition of each fault reason of scalable mode, and of the table modes.
class ScalableFaultConformanceTest {
  private static final long TTM_ABORT = 3 << 10;
  private static final long TTM_RESERVED = 2 << 10;
  private static final long SSIRWE = 1 << 7;
  private static final long HPA = 0x5000;

  static Stream<Condition> qualified() {
    return ScalableFaults.qualified();
  }

  static Stream<Condition> every() {
    return Stream.concat(ScalableFaults.unqualified(), ScalableFaults.qualified());
  }

  static Stream<Condition> unqualified() {
    return ScalableFaults.unqualified();
  }

  private static ScalableFixture world(Condition condition) {
    ScalableFixture fixture = new ScalableFixture(condition.choices());
    condition.world().accept(fixture);
    return fixture.start();
  }

  @ParameterizedTest
  @MethodSource("every")
  @Covers({
    "fault 39h",
    "fault 3Ah",
    "fault 40h",
    "fault 41h",
    "fault 42h",
    "fault 43h",
    "fault 45h",
    "fault 46h",
    "fault 48h",
    "fault 50h",
    "fault 51h",
    "fault 52h",
    "fault 58h",
    "fault 59h",
    "fault 5Ah",
    "fault 5Bh",
    "fault 5Ch",
    "fault 5Dh",
    "fault 70h",
    "fault 71h",
    "fault 72h",
    "fault 73h",
    "fault 74h",
    "fault 75h",
    "fault 76h",
    "fault 77h",
    "fault 78h",
    "fault 79h",
    "fault 7Ah",
    "fault 7Bh",
    "fault 7Ch",
    "fault 80h",
    "fault 81h",
    "fault 83h",
    "fault 84h",
    "fault 85h",
    "fault 86h",
    "fault 87h",
    "fault 89h",
    "fault 90h",
    "register FRCD.PP",
    "register FRCD.PV",
    "register FRCD.PRIV",
    "register FRCD.EXE",
    "register FRCD.AT"
  })
  void anUntranslatedRequestIsRefusedAndRecorded(Condition condition) {
    ScalableFixture fixture = world(condition);

    long result =
        fixture.untranslated(condition.prefix(), condition.address(), condition.request());

    assertThat(completion(result)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    long high = fixture.record()[1];
    assertThat(fixture.isRecorded()).isTrue();
    assertThat(fixture.reason()).isEqualTo(condition.reason());
    assertThat((int) high & 0xffff).isEqualTo(SOURCE);
    assertThat(fixture.record()[0]).isEqualTo(condition.address() & (1L << 57) - 1 & -4096L);
    boolean pasid = condition.prefix() != PLAIN;
    assertThat(high >>> 31 & 1).as("PP").isEqualTo(pasid ? 1 : 0);
    assertThat((int) (high >>> 40) & 0xf_ffff).as("PV").isEqualTo(condition.prefix() & 0xf_ffff);
    assertThat(high >>> 29 & 1).as("PRIV").isEqualTo(condition.prefix() >> 21 & 1);
    assertThat(high >>> 30 & 1).as("EXE").isEqualTo(condition.prefix() >> 20 & 1);
    assertThat(high >>> 60 & 3).as("AT").isZero();
    long type = (high >>> 62 & 1) << 1 | high >>> 28 & 1;
    assertThat(type).as("T1, T2").isEqualTo(type(condition.request()));
  }

  private static long type(Request request) {
    return switch (request) {
      case WRITE -> 0;
      case READ, ZERO_LENGTH_READ -> 2;
      case ATOMIC -> 3;
    };
  }

  @ParameterizedTest
  @MethodSource("every")
  void aTranslationRequestIsAnsweredByWhetherTheDeviceCanDoSomethingAboutIt(Condition condition) {
    ScalableFixture fixture = world(condition);

    long result = fixture.translation(condition.prefix(), condition.address());

    assertThat(completion(result)).isEqualTo(condition.toTranslation());
    if (condition.toTranslation() == Completion.SUCCESS) {
      assertThat(fixture.isRecorded()).isFalse();
      boolean some = condition.reason() == 0x85 || condition.reason() == 0x86;
      assertThat((result & 3) != 0).as("some right").isEqualTo(some);
      assertThat(result >>> 4 & 1).as("PRIV").isEqualTo(condition.prefix() >> 21 & 1);
    } else {
      assertThat(fixture.reason()).isEqualTo(condition.reason());
      assertThat(fixture.record()[1] >>> 60 & 3).as("AT").isEqualTo(1);
    }
  }

  @ParameterizedTest
  @MethodSource("qualified")
  void whereFaultProcessingIsDisabledInTheContextEntryNothingIsRecorded(Condition condition) {
    ScalableFixture fixture = new ScalableFixture(condition.choices());
    condition.world().accept(fixture);
    fixture.set(fixture.context, 2);
    fixture.start();

    long result =
        fixture.untranslated(condition.prefix(), condition.address(), condition.request());

    assertThat(completion(result)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(fixture.isRecorded()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("unqualified")
  void whatIsFoundBeforeAnyEntryIsRecordedWhateverTheEntriesSay(Condition condition) {
    ScalableFixture fixture = new ScalableFixture(condition.choices());
    condition.world().accept(fixture);
    if (condition.reason() > 0x40) {
      fixture.set(fixture.context, 2);
    }
    fixture.start();

    fixture.untranslated(condition.prefix(), condition.address(), condition.request());

    assertThat(fixture.isRecorded()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void faultProcessingDisabledInDirectoryOrTableSilencesWhatComesAfter(boolean inDirectory) {
    ScalableFixture fixture = new ScalableFixture(b -> b);
    fixture.set(inDirectory ? fixture.directory + 8 : fixture.entry(WITH_PASID, 0), 2);
    fixture.clear(fixture.first.entry(IOVA, 1), 1);
    fixture.start();

    fixture.untranslated(WITH_PASID, Request.READ);

    assertThat(fixture.isRecorded()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"2, false", "3, true"})
  @Covers("fault 87h")
  void ofAPageInTheInterruptRangeATranslationRequestHearsOnlyIfItMayUseIt(
      int secondStageRights, boolean refused) {
    ScalableFixture fixture = new ScalableFixture(choices -> choices).nested();
    fixture.clear(fixture.first.entry(IOVA, 1), 2);
    fixture.memory.writeLong(
        fixture.second.entry(fixture.page, 1), 0xfee0_0000L | secondStageRights);
    fixture.start();
    long answer = fixture.translation(WITH_PASID, IOVA);
    if (refused) {
      assertThat(completion(answer)).isEqualTo(Completion.COMPLETER_ABORT);
      assertThat(fixture.reason()).isEqualTo(0x87);
    } else {
      assertThat(answer).as("a page without rights").isZero();
      assertThat(fixture.isRecorded()).isFalse();
    }
  }

  @Test
  @Covers("fault 38h")
  void aRootTableWithoutMemoryIsReason38() {
    ScalableFixture fixture = new ScalableFixture(b -> b);
    fixture.machine.queue().enableWide();
    fixture.registers.write64(0x20, GuestMemory.HOLE | 1 << 10);
    fixture.registers.command(1L << 30);
    fixture.registers.command(1L << 31);

    assertThat(completion(fixture.untranslated(PLAIN, Request.READ)))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(fixture.reason()).isEqualTo(0x38);
    assertThat(completion(fixture.translation(PLAIN, IOVA))).isEqualTo(Completion.COMPLETER_ABORT);
  }

  @Test
  @Covers({"fault 33h", "register ECAP.ADMS"})
  void inAbortModeEveryRequestIsRefused() {
    ScalableFixture fixture = new ScalableFixture(b -> b).start(TTM_ABORT);

    assertThat(completion(fixture.untranslated(PLAIN, Request.READ)))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(fixture.reason()).isEqualTo(0x33);
    assertThat(completion(fixture.translation(WITH_PASID, IOVA)))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(completion(fixture.translated(PLAIN, HPA, Request.READ)))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
  }

  @ParameterizedTest
  @CsvSource({"0xc00, true", "0x800, false", "0x400, true"})
  void aTableModeThatTheUnitLacksIsReason30(String bits, boolean lacking) {
    ScalableFixture fixture =
        new ScalableFixture(
                b -> lacking ? UnitConfiguration.builder().with(Feature.DEVICE_TLBS) : b)
            .start(Long.decode(bits));

    assertThat(completion(fixture.untranslated(PLAIN, Request.READ)))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(fixture.reason()).isEqualTo(0x30);
    assertThat(completion(fixture.translation(PLAIN, IOVA))).isEqualTo(Completion.COMPLETER_ABORT);
  }

  @Test
  @Covers("register ECAP.SSIRWS")
  void secondStageRightsOfDevicesAreNotForLegacyMode() {
    ScalableFixture fixture = new ScalableFixture(b -> b).start(SSIRWE);

    fixture.untranslated(PLAIN, Request.READ);

    assertThat(fixture.reason()).isEqualTo(0x30);
  }

  @Test
  @Covers("fault 31h")
  void aRequestWithPasidInLegacyModeIsReason31() {
    ScalableFixture fixture = new ScalableFixture(b -> b).start(0);

    assertThat(completion(fixture.untranslated(WITH_PASID, Request.READ)))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(fixture.reason()).isEqualTo(0x31);
  }

  @Test
  @Covers({"fault 34h", "register ECAP.ERS"})
  void anExecuteRequestFromVersion8OnIsReason34() {
    ScalableFixture fixture = new ScalableFixture(b -> b.version(8, 0)).start();

    assertThat(completion(fixture.untranslated(EXECUTE, Request.READ)))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(fixture.reason()).isEqualTo(0x34);
    assertThat(fixture.registers.read64(0x10) >>> 30 & 1).as("ERS").isZero();
  }

  @Test
  @Covers({"fault 0Dh", "fault 04h", "fault 0Eh"})
  void inLegacyModeTranslatedRequestsNeedAContextThatAllowsDeviceTlbs() {
    ScalableFixture fixture = new ScalableFixture(b -> b);
    fixture.machine.device(SOURCE).map(IOVA, fixture.page);
    fixture.start(0);
    assertThat(completion(fixture.translated(PLAIN, HPA, Request.READ)))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(fixture.reason()).isEqualTo(0x0d);

    fixture.machine.device(SOURCE).changeContext(entry -> entry.field(3, 2, 1));
    fixture.registers.command(1L << 30);
    fixture.machine.faults().take();
    assertThat(fixture.translated(PLAIN, HPA, Request.READ)).isEqualTo(HPA);
    assertThat(fixture.translation(PLAIN, IOVA)).isEqualTo(fixture.page | 3);
    assertThat(completion(fixture.translated(PLAIN, 1L << 46, Request.READ)))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(fixture.machine.faults().take())
        .singleElement()
        .matches(fault -> fault.reason() == 0x04);
    assertThat(completion(fixture.translated(PLAIN, 0xfee0_0000L, Request.READ)))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(fixture.machine.faults().take())
        .singleElement()
        .matches(fault -> fault.reason() == 0x0e);
  }

  @Test
  @Covers({"fault 44h", "fault 83h", "fault 87h"})
  void translatedRequestsOfScalableModeAreCheckedForWhatTheyMayReach() {
    ScalableFixture fixture = new ScalableFixture(b -> b).start();
    assertThat(fixture.translated(PLAIN, HPA, Request.WRITE)).isEqualTo(HPA);
    refusedTranslated(fixture, PLAIN, 1L << 46, 0x83);
    refusedTranslated(fixture, PLAIN, 0xfee1_2000L, 0x87);

    ScalableFixture without = new ScalableFixture(b -> b);
    without.clear(without.context, 1 << 2 | 1 << 4);
    without.start();
    refusedTranslated(without, PLAIN, HPA, 0x44);
    assertThat(completion(without.translation(PLAIN, IOVA)))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
  }

  private static void refusedTranslated(ScalableFixture fixture, int prefix, long hpa, int reason) {
    refusedTranslated(fixture, prefix, hpa, reason, Completion.UNSUPPORTED_REQUEST);
  }

  private static void refusedTranslated(
      ScalableFixture fixture, int prefix, long hpa, int reason, Completion expected) {
    fixture.machine.faults().take();
    assertThat(completion(fixture.translated(prefix, hpa, Request.READ))).isEqualTo(expected);
    assertThat(fixture.machine.faults().take())
        .singleElement()
        .matches(fault -> fault.reason() == reason, "reason %02Xh".formatted(reason));
  }

  @Test
  @Covers({"fault 49h", "register ECAP.PTRS"})
  void translatedRequestsWithPasidNeedTheContextsLeave() {
    ScalableFixture fixture = new ScalableFixture(b -> b).start();
    refusedTranslated(fixture, WITH_PASID, HPA, 0x49);

    ScalableFixture allowed = new ScalableFixture(b -> b);
    allowed.set(allowed.context, 1 << 6);
    allowed.start();
    assertThat(allowed.translated(WITH_PASID, HPA, Request.READ)).isEqualTo(HPA);

    ScalableFixture unable =
        new ScalableFixture(b -> b.without(Feature.PASID_IN_TRANSLATED_REQUESTS)).start();
    assertThat(completion(unable.translated(WITH_PASID, HPA, Request.READ)))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(unable.isRecorded()).isFalse();
  }

  /// Host permission tables with one chain for `HPA`: addresses of the entries of levels 4 to 1.
  private static long[] permissionTables(ScalableFixture fixture, long permissions) {
    long[] entries = new long[5];
    long[] tables = new long[5];
    for (int level = 4; level >= 1; level--) {
      tables[level] = fixture.machine.page();
    }
    entries[4] = tables[4] + (HPA >>> 41) * 16;
    for (int level = 3; level >= 1; level--) {
      entries[level] = tables[level] + (HPA >>> 17 + 8 * (level - 1) & 0xff) * 16;
      fixture.memory.writeLong(entries[level + 1] + 8, tables[level] | 1);
    }
    fixture.memory.writeLong(entries[1], permissions << 4 * (HPA >>> 12 & 31));
    fixture.hostPermissions(tables[4]);
    return entries;
  }

  @ParameterizedTest
  @CsvSource({
    "3, READ, true",
    "3, WRITE, true",
    "3, ATOMIC, true",
    "1, READ, true",
    "1, WRITE, false",
    "2, WRITE, true",
    "2, READ, false",
    "2, ZERO_LENGTH_READ, true",
    "1, ATOMIC, false"
  })
  @Covers({"fault A4h", "fault A5h", "register ECAP.HPTS"})
  void hostPermissionsSayWhatATranslatedRequestMayDo(
      long permissions, Request request, boolean allowed) {
    ScalableFixture fixture = new ScalableFixture(b -> b);
    permissionTables(fixture, permissions);
    fixture.start();

    long result = fixture.translated(WITH_PASID, HPA, request);

    assertThat(result >= 0).isEqualTo(allowed);
    if (!allowed) {
      boolean writes = request != Request.READ;
      assertThat(fixture.reason()).isEqualTo(writes && permissions == 1 ? 0xa4 : 0xa5);
      assertThat(fixture.record()[1] >>> 60 & 3).as("AT").isEqualTo(2);
    }
    assertThat(fixture.translated(WITH_PASID, HPA, request) >= 0).as("cached").isEqualTo(allowed);
  }

  @Test
  @Covers({"fault 60h", "fault A0h", "fault A1h", "fault A2h", "fault A3h"})
  void brokenHostPermissionTablesAbort() {
    ScalableFixture fixture = new ScalableFixture(b -> b);
    long[] entries = permissionTables(fixture, 0);
    fixture.start();
    assertThat(completion(fixture.translated(PLAIN, HPA, Request.ZERO_LENGTH_READ)))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(fixture.reason()).isEqualTo(0xa3);
    refusedTranslated(fixture, PLAIN, 1L << 49, 0x60);
    fixture.set(entries[1], 4);
    refusedTranslated(fixture, PLAIN, HPA, 0xa1, Completion.COMPLETER_ABORT);
    fixture.memory.writeLong(entries[3] + 8, GuestMemory.HOLE | 1);
    refusedTranslated(fixture, PLAIN, HPA, 0xa0, Completion.COMPLETER_ABORT);

    ScalableFixture nowhere = new ScalableFixture(b -> b).hostPermissions(GuestMemory.HOLE);
    nowhere.start();
    refusedTranslated(nowhere, WITH_PASID, HPA, 0xa2, Completion.COMPLETER_ABORT);
  }

  @Test
  @Covers("register ECAP.HPT1GPS")
  void permissionsOfWholeGibibytesNeedTheFeature() {
    for (boolean able : new boolean[] {true, false}) {
      ScalableFixture fixture =
          new ScalableFixture(b -> able ? b : b.without(Feature.HOST_PERMISSION_1_GIB));
      long[] entries = permissionTables(fixture, 0);
      fixture.memory.writeLong(entries[3], 3);
      fixture.start();

      assertThat(fixture.translated(PLAIN, HPA, Request.WRITE) >= 0).isEqualTo(able);
    }
  }

  @Test
  @Covers({"fault 7Dh", "fault 91h"})
  void aFlagThatCannotBeWrittenIsAFault() {
    ScalableFixture first = new ScalableFixture(b -> b);
    ReadOnly.tables(first);
    first.start();
    assertThat(completion(first.untranslated(WITH_PASID, IOVA, Request.WRITE)))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(first.reason()).isEqualTo(0x91);
    first.machine.faults().take();
    assertThat(first.translation(WITH_PASID, IOVA)).isZero();
    assertThat(first.reason()).as("recorded all the same").isEqualTo(0x91);

    ScalableFixture second = new ScalableFixture(b -> b);
    ReadOnly.secondStage(second);
    second.start();
    assertThat(completion(second.untranslated(WITH_PASID, IOVA, Request.READ)))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(second.reason()).isEqualTo(0x7d);
    assertThat(completion(second.translation(WITH_PASID, IOVA)))
        .isEqualTo(Completion.COMPLETER_ABORT);
  }

  @Test
  @Covers({"fault 32h", "fault 47h"})
  void aPageRequestNeedsScalableModeAndTheContextsLeave() {
    PageRequest request = new PageRequest(WITH_PASID, IOVA, 1, true, false, true);
    ScalableFixture legacy = new ScalableFixture(b -> b).start(0);
    legacy.machine.unit().requestPage(SOURCE, request);
    assertThat(legacy.reason()).isEqualTo(0x32);
    long high = legacy.record()[1];
    assertThat((high >>> 62 & 1) << 1 | high >>> 28 & 1).as("T1, T2").isEqualTo(1);

    ScalableFixture without = new ScalableFixture(b -> b);
    without.clear(without.context, 1 << 4);
    without.start();
    without.machine.unit().requestPage(SOURCE, request);
    assertThat(without.reason()).isEqualTo(0x47);
    assertThat((int) (without.record()[1] >>> 40) & 0xf_ffff).isEqualTo(PASID);
  }

  @Test
  void supervisorsAreServedWhereTheEntryAllowsThem() {
    ScalableFixture fixture = new ScalableFixture(b -> b);
    fixture.set(fixture.entry(WITH_PASID, 2), 1);
    fixture.clear(fixture.first.entry(IOVA, 1), 2 | 4);
    fixture.start();

    assertThat(fixture.untranslated(PRIVILEGED, IOVA | 8, Request.WRITE))
        .isEqualTo(fixture.page | 8);
    assertThat(completion(fixture.untranslated(WITH_PASID, Request.READ)))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(fixture.reason()).isEqualTo(0x81);
  }

  /// Memory that tables lie in and nobody may write.
  private static final class ReadOnly {
    private static final long BASE = 0x7_0000_0000L;

    private ReadOnly() {}

    private static void tables(ScalableFixture fixture) {
      fixture.memory.writeLong(fixture.entry(WITH_PASID, 2), copy(fixture, fixture.first, 0x7));
    }

    private static void secondStage(ScalableFixture fixture) {
      fixture.secondStage();
      long root = copy(fixture, fixture.second, 3);
      fixture.memory.writeLong(fixture.entry(WITH_PASID, 0), root | 1 << 9 | 2 << 6 | 2 << 2 | 1);
    }

    /// Tables for the page in read-only memory, with `bits` in each entry.
    private static long copy(ScalableFixture fixture, ScalableFixture.Tables like, long bits) {
      var arena = Arena.ofAuto();
      var segment = arena.allocate(4 * 4096, 4096);
      for (int level = 4; level >= 1; level--) {
        long target = level == 1 ? fixture.page : BASE + (4 - level + 1) * 4096L;
        long at = (4 - level) * 4096L + (IOVA >>> 12 + 9 * (level - 1) & 0x1ff) * 8;
        segment.set(ValueLayout.JAVA_LONG_UNALIGNED, at, target | bits);
      }
      assertThat(like.pages()).hasSize(4);
      fixture.memory.map().add(new MappedRegion(BASE, segment, MemoryRegion.Access.READ_ONLY));
      return BASE;
    }
  }
}
