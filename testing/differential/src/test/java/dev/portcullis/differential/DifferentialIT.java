package dev.portcullis.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.differential.Situation.Mode;
import dev.portcullis.kit.random.Seed;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(value = 10, unit = TimeUnit.MINUTES)
class DifferentialIT {
  private static final int REQUESTS = 10_000;

  /// A machine whose unit has the registers and widths of QEMU's.
  ///
  /// @param features what it has besides those of legacy mode
  private static String machineWith(String features) {
    return """
    units:
      - at: 00:1e.0
        preset: legacy
        version: 1.0
        host-address-bits: 48
        guest-address-bits: 48
        fault-records: 1
        fault-record-offset: 0x220
        invalidate-address-offset: 0xf0
        fault-collapse: per-requester
        large-pages: [2M, 1G]
        features: {enhanced-set-root-table-pointer: true, snoop-control: false,
          zero-length-read: false%s}
    devices:
      - {type: iommu-testdev, at: "00:01.0"}
      - {type: edu, at: "00:02.0", dma-bits: 64}
    """
        .formatted(features.isEmpty() ? "" : ", " + features);
  }

  @TempDir private Path folder;

  /// A pair of units, and the software for them.
  enum Setup {
    LEGACY(
        Mode.LEGACY,
        "intel-iommu",
        machineWith(""),
        LegacyScenario::new,
        Set.of(0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0e)),
    SECOND_STAGE(
        Mode.SECOND_STAGE,
        "intel-iommu,scalable-mode=on",
        machineWith("scalable-mode: true, second-stage: true"),
        (software, random) -> new ScalableScenario(software, random, Mode.SECOND_STAGE),
        Set.of(
            0x39, 0x3a, 0x40, 0x41, 0x42, 0x50, 0x51, 0x58, 0x59, 0x5b, 0x79, 0x7a, 0x7b, 0x84,
            0x85, 0x87)),
    FIRST_STAGE(
        Mode.FIRST_STAGE,
        "intel-iommu,scalable-mode=on,fsts=on",
        machineWith(
            "scalable-mode: true, first-stage: true, first-stage-1-gib-pages: true,"
                + " scalable-walk-coherency: true"),
        (software, random) -> new ScalableScenario(software, random, Mode.FIRST_STAGE),
        Set.of(
            0x39, 0x3a, 0x40, 0x41, 0x42, 0x50, 0x51, 0x58, 0x59, 0x5b, 0x71, 0x72, 0x73, 0x80,
            0x81, 0x85));

    private final Mode mode;
    private final String qemu;
    private final String machine;
    private final Differential.Maker maker;
    private final Set<Integer> reasons;

    /// @param reasons that must have been met, each of them
    Setup(Mode mode, String qemu, String machine, Differential.Maker maker, Set<Integer> reasons) {
      this.reasons = reasons;
      this.mode = mode;
      this.qemu = qemu;
      this.machine = machine;
      this.maker = maker;
    }

    Mode mode() {
      return mode;
    }

    String qemu() {
      return qemu;
    }

    String machine() {
      return machine;
    }

    Differential.Maker maker() {
      return maker;
    }
  }

  private static final Set<KnownDifference> MET = EnumSet.noneOf(KnownDifference.class);

  @ParameterizedTest
  @EnumSource
  void bothUnitsShowTheSame(Setup setup) throws Exception {
    Differential differential = new Differential(Seed.ofThisRun(), setup.mode(), setup.maker());
    try (Bench ours = OurBench.of(setup.machine(), folder);
        Bench theirs = QemuBench.of(setup.qemu(), folder)) {
      differential.run(ours, theirs, REQUESTS);
    }
    MET.addAll(differential.comparison().met().keySet());
    System.out.printf(
        "%s, %s: %,d requests, by the reason they were refused for: %s%n",
        Seed.ofThisRun(), setup, differential.dmas(), inHexadecimal(differential.requests()));
    assertThat(differential.dmas()).isGreaterThanOrEqualTo(REQUESTS);
    assertThat(differential.requests().get(0)).isGreaterThan(REQUESTS / 5);
    assertThat(differential.requests().keySet()).containsAll(setup.reasons);
    assertThat(differential.staleUses()).isGreaterThan(REQUESTS / 200);
  }

  @ParameterizedTest
  @CsvSource({
    "LEGACY, snoop-control: false, snoop-control: true",
    "LEGACY, fault-collapse: per-requester, fault-collapse: none",
    "SECOND_STAGE, 'large-pages: [2M, 1G]', 'large-pages: [2M]'",
    "FIRST_STAGE, first-stage-1-gib-pages: true, first-stage-1-gib-pages: false"
  })
  void aUnitThatIsAnotherIsFoundOut(Setup setup, String told, String instead) throws Exception {
    Differential differential = new Differential(Seed.ofThisRun(), setup.mode(), setup.maker());
    assertThat(setup.machine()).contains(told);
    try (Bench ours = OurBench.of(setup.machine().replace(told, instead), folder);
        Bench theirs = QemuBench.of(setup.qemu(), folder)) {
      assertThatThrownBy(() -> differential.run(ours, theirs, REQUESTS))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining(Seed.ofThisRun().toString());
    }
  }

  private static String inHexadecimal(Map<Integer, Integer> requests) {
    return requests.entrySet().stream()
        .map(entry -> "%02xh %,d".formatted(entry.getKey(), entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  @AfterAll
  static void noKnownDifferenceIsAThingOfThePast() {
    assertThat(MET).containsExactlyInAnyOrder(KnownDifference.values());
  }
}
