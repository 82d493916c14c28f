package dev.portcullis.conformance;

import static dev.portcullis.conformance.Scenario.IOVA;
import static dev.portcullis.conformance.Scenario.scenario;
import static dev.portcullis.unit.request.Request.ATOMIC;
import static dev.portcullis.unit.request.Request.READ;
import static dev.portcullis.unit.request.Request.WRITE;
import static dev.portcullis.unit.request.Request.ZERO_LENGTH_READ;

import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.table.Context;
import dev.portcullis.kit.table.Paging;
import dev.portcullis.kit.table.Root;
import dev.portcullis.spec.register.Feature;
import java.util.stream.Stream;

/// Each condition of each fault reason of legacy mode, alone.
final class LegacyFaults {
  private static final long HOLE = GuestMemory.HOLE;

  private LegacyFaults() {}

  /// Those that a set FPD in the context entry silences.
  static Stream<Scenario> qualified() {
    return Stream.of(context(), addresses(), rights(), tables()).flatMap(all -> all);
  }

  private static Stream<Scenario> context() {
    return Stream.of(
        scenario(
            "context entry not present",
            0x02,
            READ,
            (m, d) -> d.changeContext(entry -> entry.without(Context.P))),
        scenario(
            "address width code 0",
            0x03,
            READ,
            (m, d) -> d.changeContext(entry -> entry.field(66, 64, 0))),
        scenario(
            "address width code 3 without 57-bit tables",
            0x03,
            WRITE,
            (m, d) -> d.changeContext(entry -> entry.field(66, 64, 3))),
        scenario(
            "address width code 4",
            0x03,
            READ,
            (m, d) -> d.changeContext(entry -> entry.field(66, 64, 4))),
        scenario(
            "address width code 7",
            0x03,
            READ,
            (m, d) -> d.changeContext(entry -> entry.field(66, 64, 7))),
        scenario(
            "translation type 3",
            0x03,
            READ,
            (m, d) -> d.changeContext(entry -> entry.field(3, 2, Context.RESERVED_TYPE))),
        scenario(
            "translation type 1 without device-TLBs",
            0x03,
            ATOMIC,
            (m, d) -> d.changeContext(entry -> entry.field(3, 2, Context.WITH_DEVICE_TLB))),
        scenario(
                "pass-through where the unit has none",
                0x03,
                READ,
                (m, d) -> d.changeContext(entry -> entry.field(3, 2, Context.PASS_THROUGH)))
            .unit(builder -> builder.without(Feature.PASS_THROUGH)),
        scenario(
            "pass-through with an unsupported address width",
            0x03,
            READ,
            (m, d) ->
                d.changeContext(entry -> entry.field(3, 2, Context.PASS_THROUGH).field(66, 64, 3))),
        scenario(
            "reserved bit in the context entry",
            0x0b,
            READ,
            (m, d) -> d.changeContext(entry -> entry.with(71))));
  }

  private static Stream<Scenario> addresses() {
    return Stream.of(
        scenario("address beyond 48-bit tables", 0x04, READ, (m, d) -> {}).at(1L << 48 | IOVA),
        scenario("address with bit 63", 0x04, WRITE, (m, d) -> {}).at(1L << 63 | IOVA),
        scenario("address beyond 39-bit tables", 0x04, READ, (m, d) -> d.attach(m.domain(7, 3)))
            .at(1L << 39),
        scenario("address beyond the guest's width", 0x04, READ, (m, d) -> {})
            .unit(builder -> builder.guestAddressBits(47))
            .at(1L << 47),
        scenario(
                "passed-through address beyond the host's width",
                0x04,
                WRITE,
                (m, d) -> d.changeContext(entry -> entry.field(3, 2, Context.PASS_THROUGH)))
            .at(1L << 46));
  }

  private static Stream<Scenario> rights() {
    return Stream.of(
        scenario("write without W", 0x05, WRITE, (m, d) -> d.map(IOVA, 0x8000, Paging.R)),
        scenario("atomic without W", 0x05, ATOMIC, (m, d) -> d.map(IOVA, 0x8000, Paging.R)),
        scenario("write to nothing", 0x05, WRITE, (m, d) -> d.domain().unmap(IOVA)),
        scenario("atomic to nothing", 0x05, ATOMIC, (m, d) -> d.domain().unmap(IOVA)),
        scenario("read without R", 0x06, READ, (m, d) -> d.map(IOVA, 0x8000, Paging.W)),
        scenario("atomic without R", 0x06, ATOMIC, (m, d) -> d.map(IOVA, 0x8000, Paging.W)),
        scenario("read of nothing", 0x06, READ, (m, d) -> d.domain().unmap(IOVA)),
        scenario(
            "zero-length read of nothing",
            0x06,
            ZERO_LENGTH_READ,
            (m, d) -> d.domain().unmap(IOVA)),
        scenario(
                "zero-length read without R where W is not enough",
                0x06,
                ZERO_LENGTH_READ,
                (m, d) -> d.map(IOVA, 0x8000, Paging.W))
            .unit(builder -> builder.without(Feature.ZERO_LENGTH_READ)));
  }

  private static Stream<Scenario> tables() {
    return Stream.of(
        scenario(
            "topmost table without memory",
            0x03,
            READ,
            (m, d) -> d.changeContext(entry -> entry.field(63, 12, HOLE >>> 12))),
        scenario(
            "table of level 3 without memory",
            0x07,
            READ,
            (m, d) -> d.domain().entry(IOVA, 4, HOLE | Paging.RW)),
        scenario(
            "table of level 2 without memory",
            0x07,
            WRITE,
            (m, d) -> d.domain().entry(IOVA, 3, HOLE | Paging.RW)),
        scenario(
            "table of level 1 without memory",
            0x07,
            ZERO_LENGTH_READ,
            (m, d) -> d.domain().entry(IOVA, 2, HOLE | Paging.RW)),
        scenario(
            "reserved bit in a paging entry",
            0x0c,
            READ,
            (m, d) -> d.domain().entry(IOVA, 2, m.page() | Paging.RW | Paging.BIT_62)),
        scenario("page in the interrupt range", 0x0e, WRITE, (m, d) -> d.map(IOVA, 0xfee0_0000L)),
        scenario(
            "last page of the interrupt range", 0x0e, READ, (m, d) -> d.map(IOVA, 0xfeef_f000L)));
  }

  /// Those that are always recorded.
  static Stream<Scenario> unqualified() {
    return Stream.of(
        scenario(
            "root entry not present",
            0x01,
            READ,
            (m, d) -> d.changeRoot(entry -> entry.without(Root.P))),
        scenario(
            "root table without memory", 0x08, WRITE, (m, d) -> m.registers().setRootTable(HOLE)),
        scenario("context table without memory", 0x09, READ, (m, d) -> d.root(Root.of(HOLE))),
        scenario(
            "reserved bit in the root entry",
            0x0a,
            ATOMIC,
            (m, d) -> d.changeRoot(entry -> entry.with(64))),
        scenario("read of the interrupt range", 0x29, READ, (m, d) -> {}).at(0xfee0_1000L),
        scenario("atomic in the interrupt range", 0x29, ATOMIC, (m, d) -> {}).at(0xfeef_fff8L),
        scenario("long write to the interrupt range", 0x29, WRITE, (m, d) -> {}).at(0xfee0_0000L),
        scenario(
            "reserved translation table mode",
            0x30,
            READ,
            (m, d) -> m.registers().setRootTable(m.rootTable() | 2 << 10)),
        scenario(
            "scalable mode where the unit has none",
            0x30,
            WRITE,
            (m, d) -> m.registers().setRootTable(m.rootTable() | 1 << 10)),
        scenario(
            "abort mode where the unit has none",
            0x30,
            ATOMIC,
            (m, d) -> m.registers().setRootTable(m.rootTable() | 3 << 10)));
  }
}
