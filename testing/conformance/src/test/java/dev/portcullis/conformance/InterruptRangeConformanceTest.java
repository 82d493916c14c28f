package dev.portcullis.conformance;

import static dev.portcullis.conformance.Scenario.IOVA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.Outcome;
import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.fault.Messages.Message;
import dev.portcullis.kit.table.Paging;
import dev.portcullis.pci.Completion;
import dev.portcullis.unit.request.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Addresses FEE00000h to FEEFFFFFh, asked for and arrived at.
class InterruptRangeConformanceTest {
  private static final long RANGE = 0xfee0_0000L;

  private final TestMachine machine = TestMachine.withUnit();
  private final TestDevice device = machine.device("00:03.0");

  @ParameterizedTest
  @EnumSource(
      value = Request.class,
      names = {"READ", "WRITE", "ATOMIC"})
  @Covers("fault 29h")
  void whatIsNoInterruptIsRefusedThere(Request request) {
    machine.translating();
    device.map(RANGE, machine.page());
    Expect.of(machine, device, request, RANGE).fault(0x29);
    Expect.of(machine, device, request, RANGE + 0xf_fff8).fault(0x29);
  }

  @Test
  void aZeroLengthReadThereSucceedsWithoutTables() {
    machine.translating();
    assertThat(device.zeroLengthRead(RANGE + 8).completion()).isEqualTo(Completion.SUCCESS);
    assertThat(machine.faults().take()).isEmpty();
  }

  @Test
  void pagesBesideTheRangeAreTranslated() {
    machine.translating();
    long page = machine.page();
    device.map(RANGE - 4096, page).map(RANGE + 0x10_0000, page).map(1L << 32 | RANGE, page);
    Expect.of(machine, device, Request.READ, RANGE - 1).at(page + 4095);
    Expect.of(machine, device, Request.READ, RANGE + 0x10_0000).at(page);
    Expect.of(machine, device, Request.READ, 1L << 32 | RANGE).at(page);
  }

  @Test
  void whatIsNoInterruptIsRefusedWithoutARecordWhileNothingIsRemapped() {
    Expect.of(machine, device, Request.READ, RANGE).silence();
    Expect.of(machine, device, Request.WRITE, RANGE).silence();
    Expect.of(machine, device, Request.ATOMIC, RANGE).silence();
  }

  @Test
  void aMessageIsDeliveredAsItIs() {
    assertThat(device.message(RANGE | 0x1008, 0x4123)).isEqualTo(Completion.SUCCESS);
    machine.translating();
    assertThat(device.message(RANGE, 0x31)).isEqualTo(Completion.SUCCESS);
    assertThat(machine.delivered().take())
        .containsExactly(new Message(RANGE | 0x1008, 0x4123), new Message(RANGE, 0x31));
    assertThat(machine.faults().take()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Request.class)
  @Covers("fault 0Eh")
  void aPageThatLeadsIntoTheRangeIsRefused(Request request) {
    machine.translating();
    device.map(IOVA, RANGE + 0x5000);
    Expect.of(machine, device, request, IOVA).fault(0x0e);
  }

  @Test
  @Covers("fault 0Eh")
  void onlyThePartOfALargePageThatLiesInTheRangeIsRefused() {
    machine.translating();
    long iova = 0x4000_0000L;
    long hpa = 0xc000_0000L;
    device.attach(machine.domain(1, 4).map(iova, hpa, Paging.RW, 3));
    long inRange = RANGE - hpa;
    // The page is in the cache by now, and stays forbidden ground in part.
    Expect.of(machine, device, Request.READ, iova).at(hpa);
    Expect.of(machine, device, Request.READ, iova + inRange - 1).at(RANGE - 1);
    Expect.of(machine, device, Request.READ, iova + inRange).fault(0x0e);
    Expect.of(machine, device, Request.WRITE, iova + inRange + 0xf_ffff).fault(0x0e);
    Expect.of(machine, device, Request.WRITE, iova + inRange + 0x10_0000).at(RANGE + 0x10_0000);
  }

  @Test
  void withTranslationOffTheAddressIsTakenAsItIs() {
    assertThat(device.read(RANGE - 8)).isEqualTo(Outcome.at(RANGE - 8));
    assertThat(device.write(RANGE + 0x10_0000)).isEqualTo(Outcome.at(RANGE + 0x10_0000));
  }
}
