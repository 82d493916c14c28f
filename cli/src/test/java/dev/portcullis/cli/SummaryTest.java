package dev.portcullis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.PlatformStatistics;
import dev.portcullis.machine.wiring.BlockedRequest;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.unit.Statistics;
import dev.portcullis.unit.observe.InvalidationKind;
import dev.portcullis.unit.request.Request;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private static final BlockedRequest WRITE =
      new BlockedRequest(new RequesterId(0, 6, 0), 0x1000, Request.WRITE, Optional.empty());

  private static Statistics unit(long requests, long walks) {
    return unit(requests, walks, Statistics.Interrupts.NONE);
  }

  private static Statistics unit(long requests, long walks, Statistics.Interrupts interrupts) {
    return new Statistics(
        requests,
        walks,
        3 * walks,
        2,
        Map.of(InvalidationKind.IOTLB_PAGES, 40L, InvalidationKind.CONTEXT_GLOBAL, 1L),
        41,
        Map.of(),
        1,
        new Statistics.Ats(0, 0, 0, 0, 0),
        interrupts);
  }

  private static List<String> linesOf(PlatformStatistics statistics) {
    StringWriter out = new StringWriter();
    new Summary(new PrintWriter(out)).print(statistics);
    return out.toString().lines().toList();
  }

  @Test
  void saysWhatEachUnitDid() {
    assertThat(
            linesOf(new PlatformStatistics(Map.of("dmar0", unit(1000, 250)), 0, List.of(), 7, 0)))
        .containsExactly(
            "portcullis: dmar0       1,000 DMA requests; IOTLB hits 75.0 %;"
                + " 250 walks read 750 page-table and 2 context entries",
            "portcullis:             41 invalidations: 1 context global, 40 iotlb pages",
            "portcullis: interrupts  7 delivered",
            "portcullis: faults      none");
  }

  @Test
  void saysWhatWasBlockedAndWhy() {
    assertThat(linesOf(new PlatformStatistics(Map.of(), 1, List.of(WRITE), 7, 2)))
        .containsExactly(
            "portcullis: interrupts  7 delivered, 2 with nobody there",
            "portcullis: faults      1 request blocked:",
            "portcullis:               00:06.0 write at 0x1000:"
                + " refused without a recorded reason");
  }

  @Test
  void staysShortHoweverManyFaultsThereWere() {
    assertThat(
            linesOf(
                new PlatformStatistics(Map.of(), 1_000_000, Collections.nCopies(32, WRITE), 0, 0)))
        .hasSize(2 + 8)
        .contains("portcullis: faults      1,000,000 requests blocked; the last 8:");
  }

  @Test
  void aUnitThatDidNothingHasNoHitRate() {
    assertThat(linesOf(new PlatformStatistics(Map.of("a", unit(0, 0)), 0, List.of(), 0, 0)))
        .first()
        .asString()
        .contains("0 DMA requests; IOTLB hits none");
  }
}
