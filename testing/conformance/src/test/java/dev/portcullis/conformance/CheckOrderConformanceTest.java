package dev.portcullis.conformance;

import static dev.portcullis.conformance.Scenario.IOVA;
import static dev.portcullis.conformance.Scenario.scenario;
import static dev.portcullis.unit.request.Request.ATOMIC;
import static dev.portcullis.unit.request.Request.READ;
import static dev.portcullis.unit.request.Request.WRITE;

import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.table.Context;
import dev.portcullis.kit.table.Paging;
import dev.portcullis.kit.table.Root;
import dev.portcullis.spec.register.Feature;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Two things are wrong at once, and the check that comes first decides.
class CheckOrderConformanceTest {
  private static final long HOLE = GuestMemory.HOLE;
  private static final long READ_ONLY_TABLE_NOWHERE = HOLE | Paging.R;

  static Stream<Scenario> pairs() {
    return Stream.of(beforeTheContext(), context(), paging(), rights()).flatMap(all -> all);
  }

  private static Stream<Scenario> beforeTheContext() {
    return Stream.of(
        scenario(
                "interrupt range before translation table mode",
                0x29,
                READ,
                (m, d) -> m.registers().setRootTable(m.rootTable() | 2 << 10))
            .at(0xfee0_0000L),
        scenario(
                "interrupt range before root entry",
                0x29,
                READ,
                (m, d) -> d.changeRoot(entry -> entry.without(Root.P)))
            .at(0xfee0_0000L),
        scenario(
            "translation table mode before the fetch of the root entry",
            0x30,
            READ,
            (m, d) -> m.registers().setRootTable(HOLE | 2 << 10)),
        scenario(
            "root entry's P before its reserved bits",
            0x01,
            READ,
            (m, d) -> d.changeRoot(entry -> entry.without(Root.P).with(5).with(127))),
        scenario(
            "root entry's reserved bits before the fetch of the context entry",
            0x0a,
            READ,
            (m, d) -> d.root(Root.of(HOLE).with(11))));
  }

  private static Stream<Scenario> context() {
    return Stream.of(
        scenario(
            "context entry's P before its reserved bits",
            0x02,
            READ,
            (m, d) -> d.changeContext(entry -> entry.without(Context.P).with(4).with(127))),
        scenario(
            "context entry's reserved bits before the address width",
            0x0b,
            READ,
            (m, d) -> d.changeContext(entry -> entry.with(4).field(66, 64, 0))),
        scenario(
            "context entry's reserved bits before the translation type",
            0x0b,
            READ,
            (m, d) -> d.changeContext(entry -> entry.with(127).field(3, 2, 3))),
        scenario(
                "address width before the address",
                0x03,
                READ,
                (m, d) -> d.changeContext(entry -> entry.field(66, 64, 0)))
            .at(1L << 50),
        scenario(
                "translation type before the address",
                0x03,
                READ,
                (m, d) -> d.changeContext(entry -> entry.field(3, 2, Context.PASS_THROUGH)))
            .unit(builder -> builder.without(Feature.PASS_THROUGH))
            .at(1L << 50),
        scenario(
                "address before the fetch of the first paging entry",
                0x04,
                READ,
                (m, d) -> d.changeContext(entry -> entry.field(63, 12, HOLE >>> 12)))
            .at(1L << 48));
  }

  private static Stream<Scenario> paging() {
    return Stream.of(
        scenario(
            "entry without rights before its reserved bits, for a write",
            0x05,
            WRITE,
            (m, d) -> d.domain().entry(IOVA, 1, Paging.BIT_62)),
        scenario(
            "entry without rights before its reserved bits, for a read",
            0x06,
            READ,
            (m, d) -> d.domain().entry(IOVA, 4, Paging.PS | Paging.BIT_62)),
        scenario(
            "entry without rights before the fetch of the next",
            0x06,
            READ,
            (m, d) -> d.domain().entry(IOVA, 3, HOLE)),
        scenario(
            "reserved bits before the fetch of the next entry",
            0x0c,
            READ,
            (m, d) -> d.domain().entry(IOVA, 3, HOLE | Paging.RW | Paging.BIT_62)),
        scenario(
            "fetch of a lower entry before rights lost above",
            0x07,
            WRITE,
            (m, d) -> d.domain().entry(IOVA, 3, READ_ONLY_TABLE_NOWHERE)),
        scenario(
            "reserved bits of a leaf before its rights",
            0x0c,
            WRITE,
            (m, d) -> d.map(IOVA, 0x8000, Paging.R | Paging.BIT_62)),
        scenario(
            "reserved bits of a lower entry before rights lost above",
            0x0c,
            READ,
            (m, d) -> {
              d.domain().entry(IOVA, 1, Paging.RW | Paging.BIT_62);
              weaken(d, 4, Paging.W);
            }));
  }

  private static Stream<Scenario> rights() {
    return Stream.of(
        scenario(
            "W before R, for an atomic that has neither",
            0x05,
            ATOMIC,
            (m, d) -> {
              d.map(IOVA, 0x8000, Paging.W);
              weaken(d, 2, Paging.R);
            }),
        scenario(
            "an entry without rights before the R lost above, for an atomic",
            0x05,
            ATOMIC,
            (m, d) -> {
              d.domain().unmap(IOVA);
              weaken(d, 2, Paging.W);
            }),
        scenario(
            "W before the interrupt range",
            0x05,
            WRITE,
            (m, d) -> d.map(IOVA, 0xfee0_0000L, Paging.R)),
        scenario(
            "R before the interrupt range",
            0x06,
            READ,
            (m, d) -> d.map(IOVA, 0xfee0_0000L, Paging.W)));
  }

  private static void weaken(TestDevice device, int level, long rights) {
    long entry = device.domain().entry(IOVA, level);
    device.domain().entry(IOVA, level, entry & ~Paging.RW | rights);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void theFirstCheckThatFailsDecides(Scenario scenario) {
    scenario.arrange().broken().fault(scenario.reason());
  }
}
