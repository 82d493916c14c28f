package dev.portcullis.conformance;

import static dev.portcullis.conformance.Scenario.IOVA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.Outcome;
import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.queue.Descriptor.Hint;
import dev.portcullis.kit.queue.RegisterInvalidation;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.request.Request;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Invalidation through CCMD, IVA and IOTLB: the protocol and its errors. What is invalidated is
/// the business of the tests of the caches.
class RegisterInvalidationConformanceTest {
  private static final long START = 1L << 63;
  private static final int GLOBAL = 1;
  private static final int DOMAIN = 2;
  private static final int FINE = 3;
  private static final int IGNORED = 0;

  private final TestMachine machine = TestMachine.withUnit();
  private final Registers registers = machine.registers();
  private final RegisterInvalidation invalidation = new RegisterInvalidation(registers);
  private final TestDevice device = machine.device("00:03.0");
  private final long before = machine.page();
  private final long after = machine.page();

  /// A translation that is cached and stale.
  @BeforeEach
  void cacheSomethingStale() {
    registers.setRootTable(machine.rootTable());
    registers.enable(Command.TE);
    device.map(IOVA, before);
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(before));
    device.map(IOVA, after);
  }

  private void assertStale() {
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(before));
  }

  private void assertFresh() {
    assertThat(device.read(IOVA)).isEqualTo(Outcome.at(after));
  }

  @Test
  @Covers({
    "register CCMD.ICC",
    "register CCMD.CIRG",
    "register CCMD.CAIG",
    "register CCMD.DID",
    "register CCMD.SID",
    "register CCMD.FM"
  })
  void aContextRequestReportsWhatItDid() {
    assertThat(invalidation.contextGlobal()).isEqualTo(GLOBAL);
    assertThat(invalidation.contextDomain(1)).isIn(GLOBAL, DOMAIN);
    assertThat(invalidation.contextDevice(1, device.sourceId(), 3)).isIn(GLOBAL, DOMAIN, FINE);
    assertStale();
  }

  @Test
  @Covers({
    "register IOTLB.IVT",
    "register IOTLB.IIRG",
    "register IOTLB.IAIG",
    "register IOTLB.DID",
    "register IOTLB.DR",
    "register IOTLB.DW",
    "register IVA.ADDR",
    "register IVA.AM",
    "register IVA.IH"
  })
  void anIotlbRequestReportsWhatItDid() {
    int other = device.domain().id() + 1;
    assertThat(invalidation.iotlbDomain(other)).isIn(GLOBAL, DOMAIN);
    assertThat(invalidation.iotlbPages(other, IOVA, 0, Hint.ANY_ENTRY)).isIn(GLOBAL, DOMAIN, FINE);
    assertStale();
    assertThat(invalidation.iotlbPages(device.domain().id(), IOVA, 0, Hint.LEAF_ONLY))
        .isIn(GLOBAL, DOMAIN, FINE);
    assertFresh();
    assertThat(invalidation.iotlbGlobal()).isEqualTo(GLOBAL);
  }

  @Test
  void theRequestDependsOnNeitherTranslationNorQueueBeingOn() {
    registers.disable(Command.TE);
    assertThat(invalidation.contextGlobal()).isEqualTo(GLOBAL);
    assertThat(invalidation.iotlbGlobal()).isEqualTo(GLOBAL);
    registers.enable(Command.TE);
    assertFresh();
  }

  @Test
  @Covers({"register CCMD.CIRG", "register CCMD.CAIG"})
  void aContextRequestWithoutGranularityIsIgnored() {
    assertThat(invalidation.contextGlobal()).isEqualTo(GLOBAL);
    assertThat(invalidation.context(0)).isEqualTo(IGNORED);
  }

  @Test
  @Covers({"register IOTLB.IIRG", "register IOTLB.IAIG"})
  void anIotlbRequestWithoutGranularityIsIgnored() {
    assertThat(invalidation.iotlb(0)).isEqualTo(IGNORED);
    assertStale();
  }

  @ParameterizedTest
  @ValueSource(ints = {19, 63})
  @Covers({"register IVA.AM", "register CAP.MAMV"})
  void morePagesThanTheUnitAllowsAreIgnored(int addressMask) {
    assertThat(invalidation.iotlbPages(device.domain().id(), IOVA, addressMask, Hint.ANY_ENTRY))
        .isEqualTo(IGNORED);
    assertStale();
  }

  @Test
  @Covers("register IVA.AM")
  void asManyPagesAsTheUnitAllowsAreInvalidated() {
    int most = machine.facts().maximumAddressMask();
    long far = IOVA ^ 0x3fff_f000L;
    assertThat(invalidation.iotlbPages(device.domain().id(), far, most, Hint.ANY_ENTRY))
        .isNotEqualTo(IGNORED);
    assertFresh();
  }

  @Test
  void requestsAreIgnoredWhileTheQueueIsOn() {
    machine.queue().enable();
    assertThat(invalidation.contextGlobal()).isEqualTo(IGNORED);
    assertThat(invalidation.iotlbGlobal()).isEqualTo(IGNORED);
    assertStale();
    machine.queue().disable();
    assertThat(invalidation.iotlbGlobal()).isEqualTo(GLOBAL);
    assertFresh();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void requestsAreIgnoredOutsideLegacyMode(int mode) {
    registers.setRootTable(machine.rootTable() | (long) mode << 10);
    assertThat(invalidation.contextGlobal()).isEqualTo(IGNORED);
    assertThat(invalidation.iotlbGlobal()).isEqualTo(IGNORED);
    registers.setRootTable(machine.rootTable());
    assertStale();
  }

  @Test
  @Covers("register CCMD.ICC")
  void aContextRequestInTwoHalvesStartsWithTheHighOne() {
    device.changeContext(entry -> entry.without(0));
    registers.write32(Offsets.CCMD, 0);
    // Another page of the device: the context entry is still cached.
    Expect.of(machine, device, Request.READ, IOVA + 4096).fault(0x06);
    registers.write32(Offsets.CCMD + 4, (START | 1L << 61) >>> 32);
    Expect.of(machine, device, Request.READ, IOVA + 4096).fault(0x02);
  }

  @Test
  @Covers("register IOTLB.IVT")
  void anIotlbRequestInTwoHalvesStartsWithTheHighOne() {
    registers.write32(registers.iotlb(), -1);
    assertStale();
    registers.write32(registers.iotlb() + 4, (START | 1L << 60) >>> 32);
    assertFresh();
    assertThat(registers.read64(registers.iotlb()) >>> 57 & 3).isEqualTo(GLOBAL);
  }

  @Test
  @Covers("register IVA.ADDR")
  void theAddressMayBeWrittenInTwoHalves() {
    registers.write32(registers.iva(), IOVA & 0xffff_ffffL);
    registers.write32(registers.iva() + 4, IOVA >>> 32);
    invalidation.iotlb(3L << 60 | (long) device.domain().id() << 32);
    assertFresh();
  }

  @Test
  @Covers("register IVA.ADDR")
  void theAddressReadsAsZero() {
    registers.write64(registers.iva(), -1);
    assertThat(registers.read64(registers.iva())).isZero();
  }

  @Test
  @Covers({"register IOTLB.IVT", "register CCMD.ICC"})
  void withoutTheStartBitNothingHappens() {
    registers.write64(registers.iotlb(), 1L << 60);
    assertStale();
    registers.write64(Offsets.CCMD, 1L << 61);
    assertThat(registers.read64(Offsets.CCMD) & START).isZero();
  }

  @Test
  @Covers("register VER.MAX")
  void everyVersionBelowSixHasTheseRegisters() {
    for (int major = 1; major <= 5; major++) {
      int version = major;
      TestMachine other = TestMachine.withUnit(builder -> builder.version(version, 0));
      assertThat(other.registers().read32(Offsets.VER)).isEqualTo(version << 4);
      RegisterInvalidation requests = new RegisterInvalidation(other.registers());
      assertThat(requests.contextGlobal()).isEqualTo(GLOBAL);
      assertThat(requests.iotlbGlobal()).isEqualTo(GLOBAL);
    }
  }

  @Test
  @Covers({"register CAP.PSI", "register IOTLB.IAIG"})
  void pagesOfAUnitThatCannotSelectThemAreDoneByDomain() {
    TestMachine coarse =
        TestMachine.withUnit(builder ->
                builder.without(Feature.PAGE_SELECTIVE_INVALIDATION, Feature.QUEUED_INVALIDATION))
            .translating();
    TestDevice other = coarse.device("00:03.0").map(IOVA, before);
    assertThat(other.read(IOVA)).isEqualTo(Outcome.at(before));
    other.map(IOVA, after);
    RegisterInvalidation requests = new RegisterInvalidation(coarse.registers());
    int did = other.domain().id();
    assertThat(requests.iotlbPages(did, 0, 0, Hint.ANY_ENTRY)).isEqualTo(DOMAIN);
    assertThat(other.read(IOVA)).isEqualTo(Outcome.at(after));
  }
}
