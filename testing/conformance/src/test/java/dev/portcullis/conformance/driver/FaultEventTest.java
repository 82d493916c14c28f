package dev.portcullis.conformance.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.fault.FaultLog.Overflow;
import dev.portcullis.driver.fault.FaultRecord;
import dev.portcullis.driver.fault.FaultRecord.RequestType;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.kit.driver.InProcessPlatform;
import dev.portcullis.kit.fault.Messages.Message;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.fault.FaultReason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The driver is told of faults, and reads them in order.
class FaultEventTest {
  private static final long ADDRESS = 0xfee0_3000L;
  private static final int DATA = 0x55;
  private static final long PAGE = 4096;

  private final InProcessPlatform platform =
      new InProcessPlatform(Units.PAGE_REQUESTS.configuration());
  private final RemappingDriver driver =
      RemappingDriver.start(platform.platform(), DriverOptions.DEFAULT);

  FaultEventTest() throws DriverException {}

  private List<FaultRecord> faults() throws DriverException {
    List<FaultRecord> faults = new ArrayList<>();
    assertThat(driver.faults().drain(faults::add)).isEqualTo(Overflow.NONE);
    return faults;
  }

  @Test
  void aMessageTellsOfTheFirstFaultAndOfNoOtherUntilAllAreRead() throws Exception {
    driver.faultEvent().enable(ADDRESS, DATA);
    platform.read(0x0018, PasidPrefix.NONE, PAGE, 0);
    platform.read(0x0020, PasidPrefix.NONE, PAGE, 0);
    assertThat(platform.messages().take()).containsExactly(new Message(ADDRESS, DATA));
    assertThat(faults()).hasSize(2);
    platform.read(0x0018, PasidPrefix.NONE, PAGE, 0);
    assertThat(platform.messages().take()).containsExactly(new Message(ADDRESS, DATA));
  }

  @Test
  void aMaskedEventIsToldOfWhenItIsUnmasked() throws Exception {
    driver.faultEvent().enable(ADDRESS, DATA);
    driver.faultEvent().mask();
    platform.read(0x0018, PasidPrefix.NONE, PAGE, 0);
    assertThat(platform.messages().take()).isEmpty();
    driver.faultEvent().unmask();
    assertThat(platform.messages().take()).containsExactly(new Message(ADDRESS, DATA));
  }

  @Test
  void aRecordSaysWhoWantedWhat() throws Exception {
    driver.device(0x0018, DeviceFeatures.NONE).attach(driver.domains().paging());
    platform.write(0x0018, PasidPrefix.NONE, 0x1234_5678L & -8, 0);
    platform.read(0x0120, PasidPrefix.of(77), 3 * PAGE, 0);
    List<FaultRecord> faults = faults();
    assertThat(faults).hasSize(2);
    FaultRecord write = faults.get(0);
    assertThat(write.sourceId()).isEqualTo(0x0018);
    assertThat(write.type()).isEqualTo(RequestType.WRITE);
    assertThat(write.address()).isEqualTo(0x1234_5000L);
    assertThat(write.reason()).contains(FaultReason.SECOND_STAGE_NOT_PRESENT);
    assertThat(write.pasid()).isEmpty();
    assertThat(write.toString()).contains("0018", "WRITE", "0x12345000", "79h");
    FaultRecord read = faults.get(1);
    assertThat(read.type()).isEqualTo(RequestType.READ);
    assertThat(read.pasid()).hasValue(77);
    assertThat(read.reason()).contains(FaultReason.SCALABLE_ROOT_NOT_PRESENT);
  }

  @Test
  void faultsThatFindNoRecordAreReportedAsLost() throws Exception {
    int records = driver.traits().capabilities().capability().faultRecords();
    for (int i = 0; i < records + 3; i++) {
      platform.read(0x0018 + 8 * i, PasidPrefix.NONE, PAGE, 0);
    }
    List<FaultRecord> faults = new ArrayList<>();
    assertThat(driver.faults().drain(faults::add)).isEqualTo(Overflow.OVERFLOWED);
    assertThat(faults).hasSize(records);
    assertThat(faults()).isEmpty();
    platform.read(0x0018, PasidPrefix.NONE, PAGE, 0);
    assertThat(faults()).hasSize(1);
  }
}
