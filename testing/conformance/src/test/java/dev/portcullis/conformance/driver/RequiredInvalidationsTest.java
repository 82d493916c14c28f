package dev.portcullis.conformance.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.device.Device;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.device.DeviceFeatures.PageRequests;
import dev.portcullis.driver.domain.NestedDomain;
import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.domain.PagingDomain.Snoop;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.Platform;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.kit.driver.InProcessPlatform;
import dev.portcullis.spec.descriptor.ContextCacheInvalidate;
import dev.portcullis.spec.descriptor.InvalidationDescriptor;
import dev.portcullis.spec.descriptor.IotlbInvalidate;
import dev.portcullis.spec.descriptor.PasidCacheInvalidate;
import dev.portcullis.spec.descriptor.PasidIotlbInvalidate;
import dev.portcullis.spec.register.TableMode;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// For each change the driver asks for exactly the invalidations that the architecture demands, in
/// the order it demands them.
class RequiredInvalidationsTest {
  private static final int SOURCE = 0x0018;
  private static final int PASID = 5;
  private static final long PAGE = 4096;
  private static final long LARGE = 2 << 20;
  private static final long HPA = 0x80_0000L;

  private QueueTrace trace;
  private RemappingDriver driver;

  private void start(Units unit, TableMode mode) throws DriverException {
    Platform platform = new InProcessPlatform(unit.configuration()).platform();
    trace = new QueueTrace(platform, mode);
    driver =
        RemappingDriver.start(
            new Platform(
                trace,
                platform.memory(),
                platform.pages(),
                platform.hostAddressBits(),
                platform.patience()),
            DriverOptions.DEFAULT.in(mode));
  }

  private Device device() throws DriverException {
    return driver.device(SOURCE, DeviceFeatures.NONE);
  }

  private void asked(InvalidationDescriptor... expected) {
    assertThat(trace.take()).containsExactly(expected);
  }

  @Test
  void settingTheRootTableForgetsEverything() throws Exception {
    start(Units.LEGACY, TableMode.LEGACY);
    asked(ContextCacheInvalidate.global(), IotlbInvalidate.global());
    start(Units.SCALABLE, TableMode.SCALABLE);
    asked(ContextCacheInvalidate.global(), PasidCacheInvalidate.global(), IotlbInvalidate.global());
    start(Units.ENHANCED_POINTERS, TableMode.LEGACY);
    asked();
  }

  @Test
  void legacyContextEntries() throws Exception {
    start(Units.LEGACY, TableMode.LEGACY);
    PagingDomain domain = driver.domains().paging();
    trace.take();
    device().attach(domain);
    asked();
    device().detach();
    asked(ContextCacheInvalidate.device(domain.id(), SOURCE), IotlbInvalidate.domain(domain.id()));
  }

  @Test
  void legacyContextEntriesInCachingMode() throws Exception {
    start(Units.CACHING_MODE, TableMode.LEGACY);
    PagingDomain domain = driver.domains().paging();
    trace.take();
    device().attach(domain);
    // Its bus's root entry has become present, too.
    asked(ContextCacheInvalidate.global(), IotlbInvalidate.global());
    driver.device(SOURCE + 8, DeviceFeatures.NONE).attach(domain);
    asked(ContextCacheInvalidate.device(0, SOURCE + 8), IotlbInvalidate.domain(domain.id()));
  }

  @Test
  void secondStageEntries() throws Exception {
    start(Units.LEGACY, TableMode.LEGACY);
    PagingDomain domain = driver.domains().paging();
    device().attach(domain);
    trace.take();
    domain.map(PAGE, HPA, 3 * PAGE, Rights.READ_WRITE);
    asked();
    domain.unmap(2 * PAGE, PAGE);
    asked(IotlbInvalidate.pages(domain.id(), 2 * PAGE, 0).leafOnly());
    domain.unmap(0, 4 * PAGE);
    asked(IotlbInvalidate.pages(domain.id(), 0, 2).leafOnly());
    domain.unmap(0, 4 * PAGE);
    asked();
  }

  @Test
  void secondStageEntriesInCachingMode() throws Exception {
    start(Units.CACHING_MODE, TableMode.LEGACY);
    PagingDomain domain = driver.domains().paging();
    device().attach(domain);
    trace.take();
    domain.map(PAGE, HPA, PAGE, Rights.READ_WRITE);
    asked(IotlbInvalidate.pages(domain.id(), PAGE, 0));
  }

  @Test
  void aLargePageIsForgottenBeforeItIsSplit() throws Exception {
    start(Units.LEGACY, TableMode.LEGACY);
    PagingDomain domain = driver.domains().paging();
    device().attach(domain);
    domain.map(LARGE, HPA, LARGE, Rights.READ_WRITE);
    trace.take();
    domain.unmap(LARGE + PAGE, PAGE);
    asked(
        IotlbInvalidate.pages(domain.id(), LARGE, 9),
        IotlbInvalidate.pages(domain.id(), LARGE + PAGE, 0).leafOnly());
  }

  @Test
  void tablesAreGivenBackAfterTheWholeDomainIsForgotten() throws Exception {
    start(Units.LEGACY, TableMode.LEGACY);
    PagingDomain domain = driver.domains().paging();
    device().attach(domain);
    domain.map(PAGE, HPA, PAGE, Rights.READ_WRITE);
    domain.unmap(PAGE, PAGE);
    trace.take();
    domain.trim();
    asked(IotlbInvalidate.domain(domain.id()));
  }

  @Test
  void aUnitWithoutPageSelectionForgetsDomains() throws Exception {
    start(Units.DOMAIN_SELECTIVE, TableMode.LEGACY);
    PagingDomain domain = driver.domains().paging();
    device().attach(domain);
    domain.map(PAGE, HPA, PAGE, Rights.READ_WRITE);
    trace.take();
    domain.unmap(PAGE, PAGE);
    asked(IotlbInvalidate.domain(domain.id()));
  }

  @Test
  void pasidEntriesOfTheSecondStage() throws Exception {
    start(Units.SCALABLE, TableMode.SCALABLE);
    PagingDomain domain = driver.domains().secondStage(4, Snoop.AS_REQUESTED);
    trace.take();
    device().attach(domain);
    asked();
    device().detach();
    asked(PasidCacheInvalidate.pasid(domain.id(), 0), IotlbInvalidate.domain(domain.id()));
  }

  @Test
  void pasidEntriesAndPagesOfTheFirstStage() throws Exception {
    start(Units.SCALABLE, TableMode.SCALABLE);
    PagingDomain domain = driver.domains().firstStage(4, Snoop.AS_REQUESTED);
    Device device =
        driver.device(SOURCE, new DeviceFeatures(Optional.empty(), 8, PageRequests.OFF));
    device.attach(PASID, domain);
    trace.take();
    domain.map(PAGE, HPA, PAGE, Rights.READ_WRITE);
    asked();
    domain.unmap(PAGE, PAGE);
    asked(PasidIotlbInvalidate.pages(domain.id(), PASID, PAGE, 0).leafOnly());
    device.detach(PASID);
    asked(
        PasidCacheInvalidate.pasid(domain.id(), PASID),
        PasidIotlbInvalidate.pasid(domain.id(), PASID));
  }

  @Test
  void nestedDomainsForgetWithTheOneAroundThem() throws Exception {
    start(Units.SCALABLE, TableMode.SCALABLE);
    PagingDomain outer = driver.domains().secondStage(4, Snoop.AS_REQUESTED);
    NestedDomain nested = driver.domains().nested(outer, PAGE, 4);
    outer.map(PAGE, HPA, PAGE, Rights.READ_WRITE);
    device().attach(nested);
    trace.take();
    nested.invalidate(7 * PAGE, 8 * PAGE - 1);
    asked(PasidIotlbInvalidate.pages(nested.id(), 0, 7 * PAGE, 0));
    nested.invalidateAll();
    asked(PasidIotlbInvalidate.pasid(nested.id(), 0));
    outer.unmap(PAGE, PAGE);
    asked(IotlbInvalidate.pages(nested.id(), PAGE, 0).leafOnly());
    device().detach();
    asked(PasidCacheInvalidate.pasid(nested.id(), 0), IotlbInvalidate.domain(nested.id()));
  }

  @Test
  void aDeferredFlushIsOneInvalidation() throws Exception {
    start(Units.LEGACY, TableMode.LEGACY);
    PagingDomain domain = driver.domains().paging();
    device().attach(domain);
    domain.map(PAGE, HPA, 64 * PAGE, Rights.READ_WRITE);
    trace.take();
    for (int i = 1; i <= 64; i++) {
      domain.unmapLater(i * PAGE, PAGE);
    }
    asked();
    domain.flush();
    asked(IotlbInvalidate.domain(domain.id()));
  }
}
