package dev.portcullis.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.differential.DifferentialIT.Setup;
import dev.portcullis.qtest.client.QtestException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The differences that random software walks around, each shown once: the second table of
/// `docs/deviations-qemu.md`.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class WalkedAroundIT {
  private static final long RW = 3;
  private static final long USER = 7;
  private static final long SECOND_STAGE = 1 | 2 << 6 | 2 << 2;
  private static final long FIRST_STAGE = 1 | 1 << 6 | 2 << 2;
  private static final long PASS_THROUGH = 1 | 4 << 6 | 2 << 2;
  private static final long SNOOPED_WALK = 1 << 23;
  private static final int FPD = 2;
  private static final int GOOD = 0;
  private static final int REFUSED = HandMade.WRITE_REFUSED;

  @TempDir private Path folder;

  /// Asks, and gets a number.
  @FunctionalInterface
  private interface Question {
    int ask(HandMade on) throws QtestException;
  }

  enum Difference {
    A_CACHED_TRANSLATION_WITHOUT_THE_RIGHT_IS_REFUSED_SILENTLY(
        Setup.LEGACY,
        0x05,
        0,
        on -> {
          on.context(Software.EDU, on.tables(HandMade.DATA, 1, 0) | 1, 2 | 1 << 8);
          on.forgetAll();
          on.software().eduRead(HandMade.IOVA, 8);
          on.software().eduWrite(HandMade.IOVA, 8);
          return on.reason();
        }),

    TRANSLATIONS_BELONG_TO_THE_REQUESTER(
        Setup.LEGACY,
        GOOD,
        0xdead_0004,
        on -> {
          on.context(Software.TESTDEV, on.tables(HandMade.DATA, RW, 0) | 1, 2 | 1 << 8);
          on.forgetAll();
          on.write(HandMade.IOVA, HandMade.DATA);
          on.context(Software.TESTDEV, on.tables(HandMade.OTHER_DATA, RW, 0) | 1, 2 | 2 << 8);
          on.queue().context(1, Software.TESTDEV);
          on.queue().await();
          return on.write(HandMade.IOVA, HandMade.OTHER_DATA);
        }),

    PASS_THROUGH_BEYOND_THE_HOST_IS_NOT_ANSWERED(
        Setup.LEGACY,
        0x04,
        0,
        on -> {
          on.context(Software.TESTDEV, 1 | 2 << 2, 2 | 9 << 8);
          on.forgetAll();
          on.write(1L << 48, HandMade.DATA);
          return on.reason();
        }),

    NO_QUEUE_ERROR_IS_TOLD(
        Setup.LEGACY,
        3,
        0,
        on -> {
          on.queue().stumbleAndStay();
          return on.register(0xb0) & 0xf;
        }),

    A_QUEUE_WITHOUT_A_LAST_WAIT_STAYS_ON(
        Setup.LEGACY,
        0,
        1,
        on -> {
          on.queue().contexts();
          on.queue().ring();
          on.software().register32(Software.GCMD, Scenario.TE);
          return on.register(Software.GSTS) >> 26 & 1;
        }),

    THE_QUEUE_ADDRESS_READS_AS_IT_WAS(
        Setup.LEGACY,
        0x00e0_0000,
        0x00f0_0000,
        on -> {
          on.software().register64(Software.IQA, 0x00e0_0000L);
          return on.register(Software.IQA);
        }),

    THE_UNUSED_HALF_OF_A_ROOT_ENTRY_IS_CHECKED(
        Setup.SECOND_STAGE,
        GOOD,
        REFUSED,
        on -> {
          on.pasid(on.tables(HandMade.DATA, RW, 0) | SECOND_STAGE, 1, 0);
          on.upperRoot(1 | 1 << 4);
          on.forgetAll();
          return on.write(HandMade.IOVA, HandMade.DATA);
        }),

    A_RESERVED_BIT_OF_A_PASID_ENTRY_IS_NOT_SEEN(
        Setup.SECOND_STAGE,
        REFUSED,
        GOOD,
        on -> {
          on.pasid(on.tables(HandMade.DATA, RW, 0) | SECOND_STAGE | 1 << 5, 1, 0);
          on.forgetAll();
          return on.write(HandMade.IOVA, HandMade.DATA);
        }),

    AN_ABSENT_PASID_ENTRY_IS_USED_WHILE_ITS_CONTEXT_IS_CACHED(
        Setup.SECOND_STAGE,
        REFUSED,
        GOOD,
        on -> {
          long tables = on.tables(HandMade.DATA, RW, 0);
          on.pasid(tables | SECOND_STAGE, 1, 0);
          on.forgetAll();
          on.write(HandMade.IOVA, HandMade.DATA);
          on.pasid(tables | SECOND_STAGE & ~1, 1, 0);
          on.queue().pasids();
          on.queue().translations();
          on.queue().await();
          return on.write(HandMade.IOVA, HandMade.DATA);
        }),

    FPD_OF_A_DIRECTORY_COUNTS_ONLY_WHEN_ALL_IS_WELL(
        Setup.SECOND_STAGE,
        0,
        0x5b,
        on -> {
          on.directoryEntry(1 | FPD);
          on.pasid(0, 0, 0);
          on.forgetAll();
          on.write(HandMade.IOVA, HandMade.DATA);
          return on.reason();
        }),

    PASS_THROUGH_OUTLASTS_ITS_PASID_ENTRY(
        Setup.SECOND_STAGE,
        REFUSED,
        GOOD,
        on -> {
          on.pasid(on.tables(HandMade.DATA, RW, 0) | SECOND_STAGE, 1, 0);
          on.forgetAll();
          on.pasid(PASS_THROUGH, 9, 0);
          on.queue().pasidsOf(1);
          on.queue().translationsOf(1);
          on.queue().await();
          on.write(HandMade.DATA, HandMade.DATA);
          on.pasid(on.tables(HandMade.DATA, RW, 0) | SECOND_STAGE, 2, 0);
          on.queue().pasidsOf(9);
          on.queue().translationsOf(9);
          on.queue().await();
          return on.write(HandMade.DATA, HandMade.DATA);
        }),

    DEVICE_TLBS_MAY_BE_ENABLED_WHERE_THERE_ARE_NONE(
        Setup.SECOND_STAGE,
        REFUSED,
        GOOD,
        on -> {
          on.pasid(on.tables(HandMade.DATA, RW, 0) | SECOND_STAGE, 1, 0);
          on.context(Software.TESTDEV, on.directory() | 1 | 1 << 2, 0);
          on.forgetAll();
          return on.write(HandMade.IOVA, HandMade.DATA);
        }),

    SNOOPING_MAY_BE_FORCED_WHERE_IT_CANNOT(
        Setup.SECOND_STAGE,
        REFUSED,
        GOOD,
        on -> {
          on.pasid(on.tables(HandMade.DATA, RW, 1 << 11) | SECOND_STAGE, 1, 0);
          on.forgetAll();
          return on.write(HandMade.IOVA, HandMade.DATA);
        }),

    THE_FIRST_STAGE_GOES_BY_THE_WIDTH_OF_THE_SECOND(
        Setup.FIRST_STAGE,
        GOOD,
        REFUSED,
        on -> {
          long iova = 1L << 39;
          long tables = on.tables(iova, HandMade.DATA, USER, 0);
          on.pasid(FIRST_STAGE & ~(7 << 2) | 1 << 2, 1 | SNOOPED_WALK, tables);
          on.forgetAll();
          return on.write(iova, HandMade.DATA);
        }),

    A_WALK_THAT_IS_NOT_SNOOPED_SETS_FLAGS(
        Setup.FIRST_STAGE,
        0x90,
        0,
        on -> {
          on.pasid(FIRST_STAGE, 1, on.tables(HandMade.DATA, USER, 0));
          on.forgetAll();
          on.write(HandMade.IOVA, HandMade.DATA);
          return on.reason();
        });

    private final Setup setup;
    private final int ours;
    private final int theirs;
    private final Question question;

    Difference(Setup setup, int ours, int theirs, Question question) {
      this.setup = setup;
      this.ours = ours;
      this.theirs = theirs;
      this.question = question;
    }
  }

  @ParameterizedTest
  @EnumSource
  void isAsTheDocumentSays(Difference difference) throws Exception {
    Setup setup = difference.setup;
    boolean scalable = setup != Setup.LEGACY;
    try (Bench ours = OurBench.of(setup.machine(), folder);
        Bench theirs = QemuBench.of(setup.qemu(), folder)) {
      int here = difference.question.ask(new HandMade(ours.client(), scalable));
      int there = difference.question.ask(new HandMade(theirs.client(), scalable));
      assertThat(here).as("ours").isEqualTo(difference.ours);
      assertThat(there).as("QEMU's").isEqualTo(difference.theirs);
    }
  }
}
