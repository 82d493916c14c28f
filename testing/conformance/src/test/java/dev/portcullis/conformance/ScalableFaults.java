package dev.portcullis.conformance;

import static dev.portcullis.conformance.ScalableFixture.EXECUTE;
import static dev.portcullis.conformance.ScalableFixture.IOVA;
import static dev.portcullis.conformance.ScalableFixture.PLAIN;
import static dev.portcullis.conformance.ScalableFixture.PRIVILEGED;
import static dev.portcullis.conformance.ScalableFixture.WITH_PASID;
import static dev.portcullis.kit.memory.GuestMemory.HOLE;
import static dev.portcullis.unit.request.Request.ATOMIC;
import static dev.portcullis.unit.request.Request.READ;
import static dev.portcullis.unit.request.Request.WRITE;
import static dev.portcullis.unit.request.Request.ZERO_LENGTH_READ;

import dev.portcullis.pci.Completion;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.UnitConfigurationBuilder;
import dev.portcullis.unit.request.Request;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// Each condition of each fault reason of scalable mode, alone, for untranslated requests; and what
/// a translation request for the same page is answered.
final class ScalableFaults {
  private static final Completion UR = Completion.UNSUPPORTED_REQUEST;
  private static final Completion CA = Completion.COMPLETER_ABORT;

  /// A translation request succeeds, without any right or with those there are.
  private static final Completion OK = Completion.SUCCESS;

  private static final long HIGH = 1L << 50;

  private ScalableFaults() {}

  /// One condition.
  ///
  /// @param reason the fault's code
  /// @param choices how the unit differs from one with everything
  /// @param world what is wrong
  /// @param prefix of the request
  /// @param address of the request
  /// @param toTranslation what a translation request is answered
  record Condition(
      String name,
      int reason,
      UnaryOperator<UnitConfigurationBuilder> choices,
      Consumer<ScalableFixture> world,
      int prefix,
      long address,
      Request request,
      Completion toTranslation) {

    Condition asking(Request other) {
      return new Condition(name, reason, choices, world, prefix, address, other, toTranslation);
    }

    Condition from(int otherPrefix) {
      return new Condition(
          name, reason, choices, world, otherPrefix, address, request, toTranslation);
    }

    Condition at(long otherAddress) {
      return new Condition(
          name, reason, choices, world, prefix, otherAddress, request, toTranslation);
    }

    Condition on(UnaryOperator<UnitConfigurationBuilder> other) {
      return new Condition(name, reason, other, world, prefix, address, request, toTranslation);
    }

    @Override
    public String toString() {
      return "%02Xh %s".formatted(reason, name);
    }
  }

  private static Condition fault(
      int reason, Completion toTranslation, String name, Consumer<ScalableFixture> world) {
    return new Condition(
        name, reason, builder -> builder, world, WITH_PASID, IOVA, READ, toTranslation);
  }

  private static Condition plain(
      int reason, Completion toTranslation, String name, Consumer<ScalableFixture> world) {
    return fault(reason, toTranslation, name, world).from(PLAIN);
  }

  /// Those that FPD says nothing about.
  static Stream<Condition> unqualified() {
    return Stream.of(
        plain(0x39, UR, "root half not present", f -> f.clear(f.root, 1)),
        plain(0x3a, CA, "root bit 1", f -> f.set(f.root, 2)),
        plain(0x3a, CA, "root bit 50", f -> f.set(f.root, HIGH)),
        plain(
            0x40,
            CA,
            "context table where no memory is",
            f -> f.memory.writeLong(f.root, HOLE | 1)),
        fault(
            0x50,
            CA,
            "directory where no memory is",
            f -> f.memory.writeLong(f.context, HOLE | 0b1101)),
        fault(
            0x58,
            CA,
            "PASID table where no memory is",
            f -> f.memory.writeLong(f.directory + 8, HOLE | 1)));
  }

  static Stream<Condition> qualified() {
    return Stream.of(
            context(),
            pasid(),
            firstStage(),
            firstStageRights(),
            secondStage(),
            nested(),
            nestedPages(),
            passThrough())
        .flatMap(all -> all);
  }

  private static Stream<Condition> context() {
    return Stream.of(
        plain(0x41, UR, "context not present", f -> f.clear(f.context, 1)),
        plain(0x42, CA, "context bit 7", f -> f.set(f.context, 1 << 7)),
        plain(0x42, CA, "context bit 50", f -> f.set(f.context, HIGH)),
        plain(0x42, CA, "context bit 85", f -> f.set(f.context + 8, 1 << 21)),
        plain(0x42, CA, "context bit 128", f -> f.set(f.context + 16, 1)),
        plain(0x42, CA, "context bit 255", f -> f.set(f.context + 24, 1L << 63)),
        plain(0x42, CA, "RID_PRIV without the feature", f -> f.set(f.context + 8, 1 << 20))
            .on(b -> b.without(Feature.REQUESTER_PRIVILEGE)),
        plain(0x42, CA, "RID_PASID without the feature", f -> f.set(f.context + 8, 3))
            .on(b -> b.without(Feature.REQUESTER_PASID)),
        plain(0x43, CA, "page requests without device-TLB", f -> f.clear(f.context, 1 << 2)),
        plain(0x43, CA, "RID_PASID beyond the directory", f -> f.set(f.context + 8, 1 << 13)),
        plain(
            0x43,
            CA,
            "translated PASIDs without PASIDs",
            f -> {
              f.set(f.context, 1 << 6);
              f.clear(f.context, 1 << 3);
            }),
        fault(0x45, UR, "PASIDs not allowed", f -> f.clear(f.context, 1 << 3)),
        fault(0x46, UR, "PASID beyond the directory", f -> {}).from(1 << 22 | 1 << 13),
        fault(0x48, UR, "PASID is the requester's own", f -> {}).from(1 << 22),
        fault(0x89, UR, "PASID wider than PSS", f -> {})
            .from(1 << 22 | 1 << 9)
            .on(b -> b.pasidBits(9)));
  }

  private static Stream<Condition> pasid() {
    return Stream.of(
        fault(0x51, OK, "directory entry not present", f -> f.clear(f.directory + 8, 1)),
        fault(0x52, CA, "directory bit 2", f -> f.set(f.directory + 8, 4)),
        fault(0x52, CA, "directory bit 50", f -> f.set(f.directory + 8, HIGH)),
        fault(0x59, OK, "table entry not present", f -> f.clear(f.entry(WITH_PASID, 0), 1)),
        reserved(0, 5),
        reserved(0, 10),
        reserved(1, 16),
        reserved(1, 27),
        reserved(1, 31),
        reserved(2, 1),
        reserved(2, 8),
        reserved(2, 50),
        reserved(3, 0),
        reserved(3, 63),
        reserved(4, 3),
        reserved(5, 16),
        reserved(6, 7),
        reserved(7, 63),
        fault(0x5a, CA, "PAT without memory types", f -> f.set(f.entry(WITH_PASID, 1), 1L << 32))
            .on(b -> b.without(Feature.MEMORY_TYPES)),
        fault(0x5a, CA, "SRE without supervisor requests", f -> f.set(f.entry(WITH_PASID, 2), 1))
            .on(b -> b.without(Feature.SUPERVISOR_REQUESTS, Feature.REQUESTER_PRIVILEGE)),
        fault(0x5a, CA, "domain wider than ND", f -> f.set(f.entry(WITH_PASID, 1), 1 << 8))
            .on(b -> b.domainIdBits(8)),
        fault(0x5b, CA, "translation type 0", f -> f.clear(f.entry(WITH_PASID, 0), 7 << 6)),
        fault(0x5b, CA, "translation type 7", f -> f.set(f.entry(WITH_PASID, 0), 7 << 6)),
        fault(0x5b, CA, "five levels without them", f -> f.set(f.entry(WITH_PASID, 2), 1 << 2))
            .on(b -> b.without(Feature.FIRST_STAGE_5_LEVELS)),
        fault(0x5b, CA, "paging mode 2", f -> f.set(f.entry(WITH_PASID, 2), 2 << 2)),
        fault(
            0x5b,
            CA,
            "address width code 4",
            f -> {
              f.secondStage();
              f.clear(f.entry(WITH_PASID, 0), 7 << 2);
              f.set(f.entry(WITH_PASID, 0), 4 << 2);
            }),
        fault(
            0x5b,
            CA,
            "first-stage tables beyond the second stage",
            f -> {
              f.nested();
              f.set(f.entry(WITH_PASID, 2), 1L << 45);
              f.clear(f.entry(WITH_PASID, 0), 7 << 2);
              f.set(f.entry(WITH_PASID, 0), 1 << 2);
            }),
        fault(0x5c, OK, "execute request before version 8", f -> {}).from(EXECUTE),
        fault(0x5d, OK, "supervisor request without SRE", f -> {}).from(PRIVILEGED));
  }

  private static Condition reserved(int word, int bit) {
    return fault(
        0x5a,
        CA,
        "table entry bit " + (64 * word + bit),
        f -> f.set(f.entry(WITH_PASID, word), 1L << bit));
  }

  private static Stream<Condition> firstStage() {
    return Stream.of(
        fault(
            0x70,
            OK,
            "a lower entry where no memory is",
            f -> f.memory.writeLong(f.first.entry(IOVA, 3), HOLE | 0x27)),
        fault(0x71, OK, "top entry not present", f -> f.clear(f.first.entry(IOVA, 4), 1)),
        fault(0x71, OK, "last entry not present", f -> f.clear(f.first.entry(IOVA, 1), 1)),
        fault(0x72, OK, "page size at level 4", f -> f.set(f.first.entry(IOVA, 4), 1 << 7)),
        fault(0x72, OK, "address beyond the host's", f -> f.set(f.first.entry(IOVA, 2), HIGH)),
        fault(0x72, OK, "1 GiB without the feature", f -> f.set(f.first.entry(IOVA, 3), 1 << 7))
            .on(b -> b.without(Feature.FIRST_STAGE_1_GIB_PAGES)),
        fault(
            0x72,
            OK,
            "offset bits of 2 MiB",
            f -> f.memory.writeLong(f.first.entry(IOVA, 2), 0x20_2000 | 0xa7)),
        fault(
            0x73,
            OK,
            "tables where no memory is",
            f -> f.memory.writeLong(f.entry(WITH_PASID, 2), HOLE)));
  }

  private static Stream<Condition> firstStageRights() {
    return Stream.of(
        fault(0x80, OK, "not canonical", f -> {}).at(1L << 47),
        fault(0x80, OK, "nearly canonical", f -> {}).at(-1L << 48),
        fault(0x81, OK, "supervisor page", f -> f.clear(f.first.entry(IOVA, 1), 4)),
        fault(0x81, OK, "supervisor table", f -> f.clear(f.first.entry(IOVA, 3), 4)),
        fault(0x85, OK, "read-only page", f -> f.clear(f.first.entry(IOVA, 1), 2)).asking(WRITE),
        fault(0x85, OK, "read-only table", f -> f.clear(f.first.entry(IOVA, 2), 2)).asking(ATOMIC),
        fault(
                0x85,
                OK,
                "write-protected from supervisors",
                f -> {
                  f.set(f.entry(WITH_PASID, 2), 1 | 1 << 4);
                  f.clear(f.first.entry(IOVA, 1), 2);
                })
            .from(PRIVILEGED)
            .asking(WRITE),
        fault(
                0x90,
                OK,
                "dirty flag due and walks not snooped",
                f -> {
                  f.clear(f.entry(WITH_PASID, 1), 1 << 23);
                })
            .asking(WRITE),
        fault(
            0x90,
            OK,
            "extended accessed flag due and walks not snooped",
            f -> {
              f.clear(f.entry(WITH_PASID, 1), 1 << 23);
              f.set(f.entry(WITH_PASID, 2), 1 << 7);
            }),
        fault(
            0x87,
            CA,
            "output in the interrupt range",
            f -> f.memory.writeLong(f.first.entry(IOVA, 1), 0xfee0_1000L | 0x67)));
  }

  private static Stream<Condition> secondStage() {
    return Stream.of(
        second(
            0x78,
            CA,
            "a lower entry where no memory is",
            f -> f.memory.writeLong(f.second.entry(IOVA, 2), HOLE | 3)),
        second(0x79, OK, "top entry grants nothing", f -> f.clear(f.second.entry(IOVA, 4), 3)),
        second(0x79, OK, "last entry grants nothing", f -> f.clear(f.second.entry(IOVA, 1), 3)),
        second(
            0x79,
            OK,
            "all entries together grant nothing",
            f -> {
              f.clear(f.second.entry(IOVA, 3), 1);
              f.clear(f.second.entry(IOVA, 1), 2);
            }),
        second(0x7a, CA, "page size at level 4", f -> f.set(f.second.entry(IOVA, 4), 1 << 7)),
        second(0x7a, CA, "address beyond the host's", f -> f.set(f.second.entry(IOVA, 1), HIGH)),
        second(0x7a, CA, "snoop in a pointer", f -> f.set(f.second.entry(IOVA, 2), 1 << 11)),
        second(0x7a, CA, "bit 62", f -> f.set(f.second.entry(IOVA, 1), 1L << 62)),
        second(
            0x7b,
            CA,
            "tables where no memory is",
            f -> f.memory.writeLong(f.entry(WITH_PASID, 0), HOLE | 2 << 6 | 2 << 2 | 1)),
        second(
            0x7c,
            CA,
            "accessed flag due and walks not snooped",
            f -> {
              f.set(f.entry(WITH_PASID, 0), 1 << 9);
              f.clear(f.entry(WITH_PASID, 1), 1 << 23);
            }),
        second(0x84, OK, "address wider than the tables", f -> {}).at(1L << 48),
        second(0x85, OK, "read-only page", f -> f.clear(f.second.entry(IOVA, 1), 2)).asking(WRITE),
        second(0x85, OK, "read-only for an atomic", f -> f.clear(f.second.entry(IOVA, 2), 2))
            .asking(ATOMIC),
        second(0x86, OK, "write-only page", f -> f.clear(f.second.entry(IOVA, 1), 1)),
        second(0x86, OK, "write-only for an atomic", f -> f.clear(f.second.entry(IOVA, 1), 1))
            .asking(ATOMIC),
        second(
                0x86,
                OK,
                "write-only for a zero-length read without ZLR",
                f -> f.clear(f.second.entry(IOVA, 1), 1))
            .asking(ZERO_LENGTH_READ)
            .on(b -> b.without(Feature.ZERO_LENGTH_READ)),
        second(
            0x87,
            CA,
            "output in the interrupt range",
            f -> f.memory.writeLong(f.second.entry(IOVA, 1), 0xfee0_1000L | 3)));
  }

  private static Condition second(
      int reason, Completion toTranslation, String name, Consumer<ScalableFixture> world) {
    return fault(
        reason,
        toTranslation,
        "second stage: " + name,
        f -> {
          f.secondStage();
          world.accept(f);
        });
  }

  private static Stream<Condition> nested() {
    return Stream.of(
        nested(
            0x74,
            OK,
            "address wider than the second stage",
            f -> {
              f.clear(f.entry(WITH_PASID, 0), 7 << 2);
              f.set(f.entry(WITH_PASID, 0), 1 << 2);
              f.memory.writeLong(
                  f.entry(WITH_PASID, 0),
                  f.memory.readLong(f.second.root) & -4096L | 3 << 6 | 1 << 2 | 1);
              f.set(f.first.entry(IOVA, 2), 1L << 40);
            }),
        nested(0x75, OK, "top entry not readable", f -> f.clear(own(f, 4), 1)),
        nested(0x76, OK, "later entry not readable", f -> f.clear(own(f, 2), 1)),
        nested(
            0x75,
            OK,
            "top entry not writable where flags are kept",
            f -> {
              f.set(f.entry(WITH_PASID, 0), 1 << 9);
              f.clear(own(f, 4), 2);
            }),
        nested(
            0x76,
            OK,
            "later entry not writable where flags are kept",
            f -> {
              f.set(f.entry(WITH_PASID, 0), 1 << 9);
              f.clear(own(f, 1), 2);
            }),
        nested(
                0x77,
                OK,
                "dirty flag due in an entry that is not writable",
                f -> f.clear(own(f, 1), 2))
            .asking(WRITE));
  }

  private static Stream<Condition> nestedPages() {
    return Stream.of(
        nested(0x79, OK, "top entry not mapped", f -> f.clear(own(f, 4), 3)),
        nested(0x79, OK, "page not mapped", f -> f.clear(f.second.entry(f.page, 1), 3)),
        nested(
            0x7a, CA, "page mapped by a broken entry", f -> f.set(f.second.entry(f.page, 1), HIGH)),
        nested(0x71, OK, "first stage not present", f -> f.clear(f.first.entry(IOVA, 1), 1)),
        nested(0x80, OK, "not canonical", f -> {}).at(1L << 47),
        nested(0x81, OK, "supervisor page", f -> f.clear(f.first.entry(IOVA, 1), 4)),
        nested(
                0x85,
                OK,
                "page the second stage makes read-only",
                f -> f.clear(f.second.entry(f.page, 1), 2))
            .asking(WRITE),
        nested(
            0x86,
            OK,
            "page the second stage makes write-only",
            f -> f.clear(f.second.entry(f.page, 1), 1)),
        nested(
            0x87,
            CA,
            "output in the interrupt range",
            f -> f.memory.writeLong(f.second.entry(f.page, 1), 0xfee0_1000L | 3)));
  }

  /// The second-stage entry that maps the page with the first-stage entry of `level`.
  private static long own(ScalableFixture f, int level) {
    return f.second.entry(f.first.entry(IOVA, level), 1);
  }

  private static Condition nested(
      int reason, Completion toTranslation, String name, Consumer<ScalableFixture> world) {
    return fault(
        reason,
        toTranslation,
        "nested: " + name,
        f -> {
          f.nested();
          world.accept(f);
        });
  }

  private static Stream<Condition> passThrough() {
    return Stream.of(
        fault(0x83, OK, "pass-through beyond the host's addresses", ScalableFixture::passThrough)
            .at(1L << 46),
        fault(0x87, CA, "pass-through into the interrupt range", ScalableFixture::passThrough)
            .at(0xfee0_0000L));
  }
}
