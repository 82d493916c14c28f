package dev.portcullis.conformance;

import static dev.portcullis.conformance.Scenario.IOVA;

import dev.portcullis.conformance.Scenario.Arranged;
import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.table.Context;
import dev.portcullis.unit.request.Request;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each condition of each fault reason of legacy mode.
class LegacyFaultConformanceTest {

  static Stream<Scenario> qualified() {
    return LegacyFaults.qualified();
  }

  static Stream<Scenario> unqualified() {
    return LegacyFaults.unqualified();
  }

  @ParameterizedTest
  @MethodSource("qualified")
  @Covers({
    "fault 02h",
    "fault 03h",
    "fault 04h",
    "fault 05h",
    "fault 06h",
    "fault 07h",
    "fault 0Bh",
    "fault 0Ch",
    "fault 0Eh",
    "register FRCD.FI",
    "register FRCD.SID",
    "register FRCD.FR",
    "register FRCD.T1",
    "register FRCD.T2"
  })
  void aBrokenTableOrAForbiddenAccessIsRefusedAndRecorded(Scenario scenario) {
    scenario.arrange().broken().fault(scenario.reason());
  }

  @ParameterizedTest
  @MethodSource("unqualified")
  @Covers({"fault 01h", "fault 08h", "fault 09h", "fault 0Ah", "fault 29h", "fault 30h"})
  void aBrokenRootOrAnUnknownModeIsRefusedAndRecorded(Scenario scenario) {
    scenario.arrange().broken().fault(scenario.reason());
  }

  @ParameterizedTest
  @MethodSource("qualified")
  void disablingFaultProcessingInTheContextEntrySilencesWhatIsFoundFromThereOn(Scenario scenario) {
    Arranged arranged = scenario.arrange();
    arranged.device().changeContext(entry -> entry.with(Context.FPD));
    // A scenario that attaches the device anew takes FPD back; then it comes after.
    Expect request = arranged.broken();
    arranged.device().changeContext(entry -> entry.with(Context.FPD));
    request.silence();
  }

  @ParameterizedTest
  @MethodSource("unqualified")
  void disablingFaultProcessingDoesNotSilenceWhatIsFoundBeforeTheContextEntry(Scenario scenario) {
    Arranged arranged = scenario.arrange();
    arranged.device().changeContext(entry -> entry.with(Context.FPD));
    arranged.broken().fault(scenario.reason());
  }

  @Test
  void aSilencedDeviceStillReachesItsPages() {
    TestMachine machine = TestMachine.withUnit().translating();
    long page = machine.page();
    TestDevice device = machine.device("00:03.0").map(IOVA, page);
    device.changeContext(entry -> entry.with(Context.FPD));
    Expect.of(machine, device, Request.WRITE, IOVA + 8).at(page + 8);
  }

  @Test
  void aRefusedRequestLeavesOtherDevicesAlone() {
    TestMachine machine = TestMachine.withUnit().translating();
    long page = machine.page();
    TestDevice good = machine.device("00:03.0").map(IOVA, page);
    TestDevice bad = machine.device("00:03.1");
    Expect.of(machine, bad, Request.READ, IOVA).fault(0x02);
    Expect.of(machine, good, Request.READ, IOVA).at(page);
  }
}
