package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.qemu.install.KernelVersion;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// A kernel with a driver for the counters of a unit shows them, and counts with them what the unit
/// has done. Linux 6.1 has no such driver.
@ParameterizedClass(name = "{0}")
@EnumSource(names = {"LINUX_6_12", "LATEST"})
record PerformanceMonitoringIT(KernelVersion kernel) {
  private static final RequesterId DISK = RequesterId.parse("00:05.0");
  private static final RequesterId EDU = RequesterId.parse("00:06.0");
  private static final int PAGES = 1024;

  /// Each transfer is of one page, so that nothing is saved by asking once for several.
  private static final String READ_PAGES =
      "dd if=/dev/nvme0n1 bs=4k count=" + PAGES + " iflag=direct 2>/dev/null";

  @TempDir private static Path folder;
  private static Guest guest;

  @BeforeParameterizedClassInvocation
  static void boot(KernelVersion kernel) throws Exception {
    Path program = folder.resolve("count-events");
    EventCounter.writeTo(program);
    var machine =
        MachineFile.parse(
            "everything.yaml",
            folder,
            """
            units: [{at: 00:04.0, profile: everything}]
            devices: [{type: nvme, at: 00:05.0, size: 64M}, {type: edu, at: 00:06.0}]
            """);
    guest =
        Guest.boot(
            Lab.plan(kernel)
                .machine(machine)
                .files(files -> files.file(EventCounter.PATH, program)));
  }

  @AfterParameterizedClassInvocation
  static void close() {
    guest.close();
  }

  @Test
  void theKernelShowsWhatTheUnitCounts() throws Exception {
    List<String> events =
        guest.shell("ls %s/events".formatted(EventCounter.SOURCE)).lines().toList();

    assertThat(events)
        .contains("iommu_requests", "iommu_mrds", "iotlb_lookup", "iotlb_hit", "ctxt_cache_lookup");
  }

  @Test
  void theKernelHasNothingToComplainAbout() throws Exception {
    assertThat(guest.log()).noneMatch(KernelMessage::isComplaintAboutUs);
  }

  @Test
  void everyPageOfATransferIsCounted() throws Exception {
    long before = guest.statistics().requests();
    long counted = EventCounter.count(guest, "iotlb_lookup", EventCounter.ALL, READ_PAGES);
    long after = guest.statistics().requests();

    assertThat(counted).isBetween((long) PAGES, after - before);
  }

  @Test
  void nothingIsCountedWhileTheDiskRests() throws Exception {
    assertThat(EventCounter.count(guest, "iotlb_lookup", EventCounter.ALL, "true")).isZero();
  }

  /// Linux maps strictly here: no page is found that was not looked for in the tables before.
  @Test
  void noMoreIsFoundThanIsLookedFor() throws Exception {
    long hits = EventCounter.count(guest, "iotlb_hit", EventCounter.ALL, READ_PAGES);
    long readings = EventCounter.count(guest, "iommu_mrds", EventCounter.ALL, READ_PAGES);

    assertThat(hits).isPositive();
    assertThat(readings).isGreaterThanOrEqualTo(PAGES);
  }

  @Test
  void aFilterCountsNoOtherDevice() throws Exception {
    long disk = EventCounter.count(guest, "iotlb_lookup", EventCounter.only(DISK), READ_PAGES);
    long another = EventCounter.count(guest, "iotlb_lookup", EventCounter.only(EDU), READ_PAGES);

    assertThat(disk).isGreaterThanOrEqualTo(PAGES);
    assertThat(another).isZero();
  }
}
