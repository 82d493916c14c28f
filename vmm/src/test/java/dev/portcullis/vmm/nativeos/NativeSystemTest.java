package dev.portcullis.vmm.nativeos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.chassis.HostMemory;
import dev.portcullis.vmm.nativeos.description.NativeDescription;
import dev.portcullis.vmm.nativeos.description.NativeDescription.Step;
import dev.portcullis.vmm.nativeos.description.NativeExpectation.Bug;
import dev.portcullis.vmm.nativeos.description.NativeExpectation.Compare;
import dev.portcullis.vmm.nativeos.description.NativeExpectation.Stray;
import dev.portcullis.vmm.nativeos.description.NativeFile;
import dev.portcullis.vmm.nativeos.dma.BounceDma;
import dev.portcullis.vmm.nativeos.dma.Direction;
import dev.portcullis.vmm.nativeos.dma.DmaBuffer;
import dev.portcullis.vmm.nativeos.dma.Explanation.Kind;
import dev.portcullis.vmm.nativeos.dma.RemappedDma;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeSystemTest {
  private static final Path EXAMPLE =
      Path.of(System.getProperty("portcullis.root"), "examples", "native-driver-isolation.yaml");

  private final List<String> events = new CopyOnWriteArrayList<>();
  private NativeSystem system;

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    NativeDescription description = NativeFile.read(EXAMPLE);
    system = NativeSystem.start(description, folder, events::add);
  }

  @AfterEach
  void stop() {
    system.close();
  }

  @Test
  void whatTheExampleExpectsHolds() throws Exception {
    NativeExaminer examiner = new NativeExaminer(system);
    List<NativeOutcome> outcomes = new ArrayList<>();
    for (Step step : system.description().steps()) {
      outcomes.addAll(examiner.examine(step));
    }
    assertThat(outcomes).hasSize(8).allMatch(NativeOutcome::held);
    assertThat(system.findings()).extracting(Finding::driver).containsOnly("sampling");
    assertThat(system.findings())
        .extracting(one -> one.explanation().kind())
        .containsExactlyInAnyOrder(
            Kind.BEHIND, Kind.BEHIND, Kind.BEFORE, Kind.WRONG_DIRECTION, Kind.AFTER_UNMAP);
    assertThat(events).hasSize(5).allMatch(event -> event.startsWith("driver sampling, device"));
    assertThat(outcomes.getLast().measured())
        .hasSize(6)
        .allSatisfy(one ->
            assertThat(one.copiesPerByte())
                .isEqualTo(one.way() == BounceComparison.Way.BOUNCED ? 1.0 : 0.0));
  }

  @Test
  void aDriversBuffersAreNoOthers() throws Exception {
    NativeDriver sampling = system.driver("sampling");
    NativeDriver frames = system.driver("frames");
    long hpa = system.pages().allocate(1);
    DmaBuffer buffer = frames.dma().map("frame", hpa, 4096, Direction.BOTH);
    assertThat(frames.engine().write(buffer.address(), 64)).isTrue();
    // The same address (the sampler's device has 28 lines) means nothing to another driver.
    assertThat(sampling.engine().write(buffer.address() & 0xfff_ffffL, 64)).isFalse();
    system.readFaults();
    assertThat(system.findings())
        .singleElement()
        .satisfies(one -> {
          assertThat(one.driver()).isEqualTo("sampling");
          assertThat(one.device()).isEqualTo("sampler");
          assertThat(one.explanation().kind()).isEqualTo(Kind.NOTHING_MAPPED);
        });
  }

  @Test
  void addressesFitTheDeviceAndMemoryIsAnywhere() throws Exception {
    long hpa = system.pages().allocate(2);
    assertThat(hpa).isGreaterThanOrEqualTo(HostMemory.HIGH);
    RemappedDma dma = system.driver("sampling").dma();
    DmaBuffer one = dma.map("one", hpa + 100, 4096, Direction.BOTH);
    DmaBuffer two = dma.map("two", hpa, 8192, Direction.BOTH);
    assertThat(one.end()).isLessThanOrEqualTo(1L << 28);
    assertThat(one.address() & 0xfff).isEqualTo(100);
    assertThat(Math.abs(one.address() - two.address()))
        .isGreaterThanOrEqualTo(RemappedDma.GAP_BYTES);
  }

  @Test
  void addressesRestAfterUnmapping() throws Exception {
    RemappedDma dma = system.driver("frames").dma();
    long hpa = system.pages().allocate(1);
    DmaBuffer before = dma.map("before", hpa, 4096, Direction.BOTH);
    dma.unmap(before);
    DmaBuffer after = dma.map("after", hpa, 4096, Direction.BOTH);
    assertThat(after.address()).isNotEqualTo(before.address());
    assertThat(dma.ledger().mappedNow()).containsExactly(after);
  }

  @Test
  void addressesComeBackInTheEnd() throws Exception {
    RemappedDma dma = system.driver("sampling").dma();
    long hpa = system.pages().allocate(1);
    // More than 28 bits of addresses have room for, if they did not come back.
    for (int i = 0; i < 10_000; i++) {
      dma.unmap(dma.map("again", hpa, 4096, Direction.BOTH));
    }
    assertThat(dma.ledger().mappedNow()).isEmpty();
  }

  @Test
  void bouncesOnlyWhatTheDeviceCannotReach() throws Exception {
    BounceDma dma = new BounceDma(system.memory(), system.lowPages(), 32);
    long low = system.lowPages().allocate(1);
    DmaBuffer direct = dma.map("low", low, 4096, Direction.TO_DEVICE);
    assertThat(direct.address()).isEqualTo(low);
    long high = system.pages().allocate(1);
    system.memory().at(high, 4096).fill((byte) 7);
    DmaBuffer bounced = dma.map("high", high, 4096, Direction.TO_DEVICE);
    assertThat(bounced.end()).isLessThanOrEqualTo(1L << 32);
    assertThat(system.memory().at(bounced.address(), 4096).mismatch(system.memory().at(high, 4096)))
        .isEqualTo(-1);
    dma.unmap(bounced);
    dma.unmap(direct);
    assertThat(dma.copiedBytes()).isEqualTo(4096);
  }

  @Test
  void whatIsFoundBeyondAThousandIsCounted() throws Exception {
    NativeDriver sampling = system.driver("sampling");
    for (int i = 0; i < 1_010; i++) {
      assertThat(sampling.engine().write(0x10_0000, 4)).isFalse();
      system.readFaults();
    }
    assertThat(system.findings()).hasSize(1_000);
    assertThat(system.moreFindings()).isEqualTo(10);
    assertThat(events).hasSize(1_001).last().isEqualTo("1,000 findings: more are only counted");
  }

  @Test
  void aDriverGoesOnAfterItsMistakesAndAComparison() throws Exception {
    NativeExaminer examiner = new NativeExaminer(system);
    Step step =
        new Step(
            List.of(
                new Stray("frames", Bug.OVERRUN, 1),
                new Compare("frames", 1 << 20),
                new Stray("frames", Bug.AFTER_UNMAP, 0)));
    assertThat(examiner.examine(step)).allMatch(NativeOutcome::held);
  }
}
