package dev.portcullis.conformance;

import static dev.portcullis.conformance.Scenario.IOVA;

import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.unit.request.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Translation type 2: requests pass unchanged.
class PassThroughConformanceTest {
  private final TestMachine machine =
      TestMachine.withUnit(builder -> builder.hostAddressBits(40)).translating();
  private final TestDevice device = machine.device("00:03.0").passThrough(1);

  @ParameterizedTest
  @EnumSource(Request.class)
  @Covers("register ECAP.PT")
  void everyRequestGoesWhereItSays(Request request) {
    Expect.of(machine, device, request, IOVA + 12).at(IOVA + 12);
  }

  @ParameterizedTest
  @EnumSource(Request.class)
  @Covers("fault 04h")
  void theHostsWidthIsTheLimit(Request request) {
    Expect.of(machine, device, request, (1L << 40) - 1).at((1L << 40) - 1);
    Expect.of(machine, device, request, 1L << 40).fault(0x04);
    Expect.of(machine, device, request, 1L << 63).fault(0x04);
  }

  @Test
  void theInterruptRangeIsNotPassedThrough() {
    Expect.of(machine, device, Request.READ, 0xfee0_0000L).fault(0x29);
    Expect.of(machine, device, Request.READ, 0xfedf_fff8L).at(0xfedf_fff8L);
    Expect.of(machine, device, Request.READ, 0xfef0_0000L).at(0xfef0_0000L);
  }
}
