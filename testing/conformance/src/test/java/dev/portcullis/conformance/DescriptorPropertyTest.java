package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.ats.Functions.Forget;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.queue.InvalidationQueue;
import dev.portcullis.kit.random.Seed;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.UnitConfigurationBuilder;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/// A second reading of which descriptors are valid, held against the unit: random descriptors, in
/// random modes, on units with random features.
class DescriptorPropertyTest {
  private static final int DESCRIPTORS = 3_000;

  /// Reserved bits of the low and the high word, by type.
  private static final long[][] RESERVED = {
    {},
    {0xfffc_0000_0000_f1c0L, -1},
    {0xffff_ffff_0000_f100L, 0xf80},
    {0x000f_0000_ffe0_01f0L, 0xffe},
    {0xffff_0000_07ff_f1e0L, -1},
    {0xffff_f100L, 3},
    {0xfff0_0000_0000_f1c0L, 0xf80},
    {0xfff0_0000_0000_f1c0L, -1},
    {0, 0x7fe},
    {0xfff0_0000_0000_01e0L, 0xffff_ffff_ffff_f003L},
    {0xffff_ffff_0000_f1c0L, 0xf00}
  };

  private static final int MAMV = 12;
  private static final int MHMV = 5;

  /// Four words.
  private record Words(long lo, long hi, long third, long fourth) {
    @Override
    public String toString() {
      return "%016x:%016x:%016x:%016x".formatted(fourth, third, hi, lo);
    }
  }

  private SplittableRandom random = new SplittableRandom(0);
  private long extended;
  private boolean pageSelective;
  private boolean legacy;

  @RepeatedTest(24)
  void theUnitTakesWhatTheTablesAllow(RepetitionInfo run) {
    Seed seed = Seed.ofThisRun();
    random = seed.random(run.getCurrentRepetition());
    TestMachine machine = TestMachine.withUnit(this::anyFeatures);
    extended = machine.facts().extended();
    pageSelective = machine.facts().pageSelective();
    legacy = random.nextInt(3) == 0;
    answerAtOnce(machine);
    machine.registers().setRootTable(machine.rootTable() | (legacy ? 0 : Scalable.SCALABLE));
    machine.registers().enable(Command.TE);
    InvalidationQueue queue = machine.queue();
    if (legacy && random.nextBoolean()) {
      queue.enable();
    } else {
      queue.enableWide();
    }
    for (int i = 0; i < DESCRIPTORS; i++) {
      Words words = any(queue.entryBytes() == 32);
      assertThat(errorOf(machine, words))
          .as("%s, run %d: %s, legacy %s", seed, run.getCurrentRepetition(), words, legacy)
          .isEqualTo(expected(words));
    }
  }

  private UnitConfigurationBuilder anyFeatures(UnitConfigurationBuilder builder) {
    builder.with(Feature.SCALABLE_MODE).maximumAddressMask(MAMV).maximumInterruptMask(MHMV);
    if (random.nextBoolean()) {
      builder.without(Feature.PAGE_SELECTIVE_INVALIDATION);
    }
    if (random.nextBoolean()) {
      builder.with(Feature.INTERRUPT_REMAPPING);
    }
    if (random.nextInt(4) != 0) {
      builder.with(Feature.DEVICE_TLBS);
      for (Feature feature :
          new Feature[] {
            Feature.DEVICE_TLB_INVALIDATION_THROTTLE,
            Feature.PAGE_REQUEST_DRAIN,
            Feature.PAGE_REQUESTS,
            Feature.HOST_PERMISSION_TABLES
          }) {
        if (random.nextBoolean()) {
          builder.with(feature);
        }
      }
    }
    return builder;
  }

  private static void answerAtOnce(TestMachine machine) {
    machine
        .functions()
        .onHearing(heard -> {
          if (heard instanceof Forget told) {
            machine.unit().invalidationCompleted(told.requesterId(), 1 << told.request().tag(), 1);
          }
        });
  }

  private Words any(boolean wide) {
    int type = random.nextInt(12);
    long[] reserved = type >= 1 && type <= 10 ? RESERVED[type] : new long[] {0, 0};
    long lo = random.nextLong() & ~(reserved[0] | 0xe0fL) | type;
    long hi = random.nextLong() & ~reserved[1];
    if (random.nextInt(3) != 0) {
      hi &= ~0x38; // ranges that are not too large
      lo &= ~(3L << 30 | 0xfff0_0000_0000_f000L);
    }
    if (type == 5) {
      lo &= ~(1 << 5); // no status anywhere
    }
    if (random.nextInt(3) == 0) {
      lo |= 1L << random.nextInt(64);
    }
    if (random.nextInt(6) == 0) {
      hi |= 1L << random.nextInt(64);
    }
    long third = wide && random.nextInt(12) == 0 ? 1L << random.nextInt(64) : 0;
    long fourth = wide && random.nextInt(12) == 0 ? 1L << random.nextInt(64) : 0;
    return new Words(lo, hi, third, fourth);
  }

  /// The error the unit stops with, or 0; the queue is as before afterwards.
  private static int errorOf(TestMachine machine, Words words) {
    InvalidationQueue queue = machine.queue();
    long at = queue.head();
    queue.put(at, new Descriptor(words.lo, words.hi));
    if (queue.entryBytes() == 32) {
      queue.putUpper(at, words.third, words.fourth);
    }
    long next = (at + queue.entryBytes()) % queue.sizeBytes();
    machine.registers().write32(Offsets.IQT, next);
    int error = queue.error();
    assertThat(queue.head()).isEqualTo(error == 0 ? next : at);
    if (error != 0) {
      queue.put(at, Descriptor.plainWait());
      queue.restart();
      assertThat(queue.head()).isEqualTo(next);
    }
    return error;
  }

  // The second reading.

  private int expected(Words words) {
    int type = (int) (words.lo & 15 | words.lo >>> 5 & 0x70);
    if (!exists(type)) {
      return 3;
    }
    boolean clean =
        (words.lo & reservedLow(type) | words.hi & RESERVED[type][1] | words.third | words.fourth)
            == 0;
    return clean && isGranularity(type, words) ? 0 : 4;
  }

  private boolean has(int bit) {
    return (extended >>> bit & 1) != 0;
  }

  private boolean exists(int type) {
    return switch (type) {
      case 1, 2, 5 -> true;
      case 3 -> has(2);
      case 4 -> has(3);
      case 6, 7 -> !legacy;
      case 8 -> !legacy && has(2);
      case 9 -> !legacy && has(29);
      case 10 -> !legacy && has(55);
      default -> false;
    };
  }

  private long reservedLow(int type) {
    long more =
        switch (type) {
          case 3, 8 -> has(41) ? 0 : 0xfff0_0000_0000_f000L;
          case 5 -> has(42) ? 0 : 1 << 7;
          default -> 0;
        };
    return RESERVED[type][0] | more;
  }

  private boolean isGranularity(int type, Words words) {
    int granularity = (int) (words.lo >>> 4) & 3;
    return switch (type) {
      case 1, 10 -> granularity != 0;
      case 2 -> granularity != 0 && (granularity != 3 || pageSelective && (words.hi & 63) <= MAMV);
      case 4 -> (granularity & 1) == 0 || (words.lo >>> 27 & 31) <= MHMV;
      case 6 -> granularity >= 2;
      case 7 -> granularity != 2;
      default -> true;
    };
  }
}
