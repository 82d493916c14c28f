package dev.portcullis.conformance.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.device.Device;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.device.DeviceFeatures.PageRequests;
import dev.portcullis.driver.domain.DeviceTlb;
import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.kit.ats.Functions.Forget;
import dev.portcullis.kit.ats.Functions.Heard;
import dev.portcullis.kit.driver.DrivenPlatform.Reach;
import dev.portcullis.kit.driver.InProcessPlatform;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.register.TableMode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Devices that keep translations of their own are told to forget them, and the driver waits for
/// each to say that it has.
class DeviceTlbTest {
  private static final int SOURCE = 0x0018;
  private static final int PASID = 5;
  private static final long PAGE = 4096;
  private static final long IOVA = 0x1234_5000L;
  private static final long HPA = 0x80_0000L;

  private final InProcessPlatform platform =
      new InProcessPlatform(Units.DEVICE_TLBS.configuration());

  private RemappingDriver start(TableMode mode) throws DriverException {
    platform.functions().onHearing(this::obey);
    return RemappingDriver.start(platform.platform(), DriverOptions.DEFAULT.in(mode));
  }

  private void obey(Heard message) {
    if (message instanceof Forget(int requester, var request)) {
      platform.unit().invalidationCompleted(requester, 1 << request.tag(), 1);
    }
  }

  private static DeviceFeatures features(int pasidBits) {
    return new DeviceFeatures(Optional.of(new DeviceTlb(SOURCE, 32)), pasidBits, PageRequests.OFF);
  }

  private List<Forget> forgets() {
    return platform.functions().takeForgets();
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "SCALABLE"})
  void anUnmappedPageIsForgottenByTheDevice(TableMode mode) throws Exception {
    RemappingDriver driver = start(mode);
    PagingDomain domain = driver.domains().paging();
    driver.device(SOURCE, features(0)).attach(domain);
    domain.map(IOVA, HPA, PAGE, Rights.READ_WRITE);
    assertThat(forgets()).as("nothing to forget yet").isEmpty();
    domain.unmap(IOVA, PAGE);
    assertThat(forgets())
        .singleElement()
        .satisfies(told -> {
          assertThat(told.requesterId()).isEqualTo(SOURCE);
          assertThat(told.request().prefix()).isEqualTo(PasidPrefix.NONE);
          assertThat(told.request().address()).isEqualTo(IOVA);
          assertThat(told.request().bytes()).isEqualTo(PAGE);
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "SCALABLE"})
  void aRangeIsForgottenWithTheBlockAroundIt(TableMode mode) throws Exception {
    RemappingDriver driver = start(mode);
    PagingDomain domain = driver.domains().paging();
    driver.device(SOURCE, features(0)).attach(domain);
    domain.map(3 * PAGE, HPA, 2 * PAGE, Rights.READ_WRITE);
    domain.unmap(3 * PAGE, 2 * PAGE);
    assertThat(forgets())
        .singleElement()
        .satisfies(told -> {
          assertThat(told.request().address()).isZero();
          assertThat(told.request().bytes()).isEqualTo(8 * PAGE);
        });
  }

  @Test
  void aPageOfAPasidIsForgottenWithThePasid() throws Exception {
    RemappingDriver driver = start(TableMode.SCALABLE);
    PagingDomain domain = driver.domains().paging();
    driver.device(SOURCE, features(8)).attach(PASID, domain);
    domain.map(IOVA, HPA, PAGE, Rights.READ_WRITE);
    domain.unmap(IOVA, PAGE);
    assertThat(forgets())
        .singleElement()
        .satisfies(told -> {
          assertThat(told.request().prefix()).isEqualTo(PasidPrefix.of(PASID));
          assertThat(told.request().address()).isEqualTo(IOVA);
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "SCALABLE"})
  void aDetachedDeviceForgetsEverything(TableMode mode) throws Exception {
    RemappingDriver driver = start(mode);
    Device device = driver.device(SOURCE, features(0));
    device.attach(driver.domains().paging());
    forgets();
    device.detach();
    assertThat(forgets())
        .singleElement()
        .satisfies(told -> assertThat(told.request().bytes()).as("everything").isZero());
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "SCALABLE"})
  void aSilentDeviceIsReportedAndHoldsNobodyUp(TableMode mode) throws Exception {
    RemappingDriver driver = start(mode);
    PagingDomain domain = driver.domains().paging();
    driver.device(SOURCE, features(0)).attach(domain);
    domain.map(IOVA, HPA, 2 * PAGE, Rights.READ_WRITE);
    platform.functions().onHearing(message -> {});
    assertThatThrownBy(() -> domain.unmap(IOVA, PAGE))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(DriverException.Reason.DEVICE_SILENT))
        .hasMessageContaining("0018");
    assertThat(platform.read(SOURCE, PasidPrefix.NONE, IOVA, HPA)).isEqualTo(Reach.BLOCKED);
    assertThat(platform.read(SOURCE, PasidPrefix.NONE, IOVA + PAGE, HPA + PAGE))
        .isEqualTo(Reach.THERE);
    platform.functions().onHearing(this::obey);
    domain.unmap(IOVA + PAGE, PAGE);
    assertThat(platform.read(SOURCE, PasidPrefix.NONE, IOVA + PAGE, HPA + PAGE))
        .isEqualTo(Reach.BLOCKED);
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "SCALABLE"})
  void aDeviceThatAnswersTheSecondTimeIsNoTrouble(TableMode mode) throws Exception {
    RemappingDriver driver = start(mode);
    PagingDomain domain = driver.domains().paging();
    driver.device(SOURCE, features(0)).attach(domain);
    domain.map(IOVA, HPA, PAGE, Rights.READ_WRITE);
    platform.functions().onHearing(message -> platform.functions().onHearing(this::obey));
    domain.unmap(IOVA, PAGE);
    assertThat(forgets()).as("told twice").hasSize(2);
    assertThat(platform.read(SOURCE, PasidPrefix.NONE, IOVA, HPA)).isEqualTo(Reach.BLOCKED);
  }

  @Test
  void nobodyIsAskedWhileTranslationIsOff() throws Exception {
    RemappingDriver driver = start(TableMode.SCALABLE);
    Device device = driver.device(SOURCE, features(0));
    device.attach(driver.domains().paging());
    driver.shutDown();
    assertThat(forgets()).isEmpty();
  }
}
