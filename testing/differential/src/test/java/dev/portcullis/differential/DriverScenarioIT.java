package dev.portcullis.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.kit.driver.DriverScenario;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The driver drives QEMU's unit as it drives ours.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DriverScenarioIT {
  /// No device there sends a PASID.
  private static final Set<DriverScenario> BEYOND_EDU =
      EnumSet.of(DriverScenario.EACH_PASID_HAS_ITS_DOMAIN);

  @TempDir private Path folder;

  /// Kinds of QEMU's unit, and how many scenarios suit each at least.
  private enum Kind {
    LEGACY("intel-iommu", 11),
    CACHING_MODE("intel-iommu,caching-mode=on", 11),
    BITS_39("intel-iommu,aw-bits=39", 11),
    SECOND_STAGE("intel-iommu,scalable-mode=on", 11),
    FIRST_STAGE("intel-iommu,scalable-mode=on,fsts=on", 11);

    private final String device;
    private final int least;

    Kind(String device, int least) {
      this.device = device;
      this.least = least;
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyScenarioHolds(Kind kind) throws Exception {
    List<DriverScenario> held = new ArrayList<>();
    try (QemuBench bench = QemuBench.of(kind.device, folder)) {
      for (DriverScenario scenario : DriverScenario.values()) {
        DrivenBench platform = new DrivenBench(bench.client());
        if (!BEYOND_EDU.contains(scenario)
            && scenario.run(platform, DriverOptions.DEFAULT, Software.EDU)) {
          held.add(scenario);
        }
      }
    }
    assertThat(held).hasSizeGreaterThanOrEqualTo(kind.least);
  }
}
