package dev.portcullis.conformance.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.PageAllocator;
import dev.portcullis.driver.port.PagePool;
import dev.portcullis.driver.port.Platform;
import dev.portcullis.driver.port.RegisterPort;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.kit.driver.DrivenPlatform.Reach;
import dev.portcullis.kit.driver.InProcessPlatform;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.register.FaultRegisters;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.GlobalRegisters;
import dev.portcullis.spec.register.ProtectedMemoryRegisters;
import dev.portcullis.spec.register.QueueRegisters;
import dev.portcullis.unit.UnitConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A unit is taken over as others have left it, and left alone when it cannot be.
class TakeOverTest {
  private static final int SOURCE = 0x0018;
  private static final long PAGE = 4096;
  private static final long IOVA = 0x1234_5000L;
  private static final long HPA = 0x80_0000L;
  private static final long OTHERS_QUEUE = 0x8000;
  private static final long OTHERS_ROOT = 0x9000;
  private static final long NO_DESCRIPTOR = 0xffff;

  private static void works(InProcessPlatform platform, RemappingDriver driver)
      throws DriverException {
    PagingDomain domain = driver.domains().paging();
    driver.device(SOURCE, DeviceFeatures.NONE).attach(domain);
    domain.map(IOVA, HPA, PAGE, Rights.READ_WRITE);
    assertThat(platform.read(SOURCE, PasidPrefix.NONE, IOVA, HPA)).isEqualTo(Reach.THERE);
    domain.unmap(IOVA, PAGE);
    assertThat(platform.read(SOURCE, PasidPrefix.NONE, IOVA, HPA)).isEqualTo(Reach.BLOCKED);
  }

  @Test
  void aUnitWithAStoppedQueueAndForeignTablesIsTakenOver() throws Exception {
    InProcessPlatform platform = new InProcessPlatform(Units.SCALABLE.configuration());
    RegisterPort registers = platform.platform().registers();
    registers.write64(GlobalRegisters.RTADDR.offset(), OTHERS_ROOT);
    registers.write32(GlobalRegisters.GCMD.offset(), (int) GlobalRegisters.SRTP.mask());
    registers.write32(GlobalRegisters.GCMD.offset(), (int) GlobalRegisters.TE.mask());
    platform.platform().memory().writeLong(OTHERS_QUEUE, NO_DESCRIPTOR);
    registers.write64(QueueRegisters.IQA.offset(), OTHERS_QUEUE);
    registers.write32(
        GlobalRegisters.GCMD.offset(),
        (int) (GlobalRegisters.TE.mask() | GlobalRegisters.QIE.mask()));
    registers.write32(QueueRegisters.IQT.offset(), 16);
    assertThat(FaultRegisters.IQE.isSet(registers.read32(FaultRegisters.FSTS.offset())))
        .as("the queue has stopped")
        .isTrue();
    works(platform, RemappingDriver.start(platform.platform(), DriverOptions.DEFAULT));
  }

  @Test
  void memoryThatFirmwareProtectedIsNotProtectedAnyMore() throws Exception {
    InProcessPlatform platform =
        new InProcessPlatform(
            UnitConfiguration.builder().with(Feature.PROTECTED_LOW_MEMORY).build());
    RegisterPort registers = platform.platform().registers();
    registers.write32(ProtectedMemoryRegisters.PLMBASE.offset(), 0);
    registers.write32(ProtectedMemoryRegisters.PLMLIMIT.offset(), 0x7fff_ffff);
    registers.write32(
        ProtectedMemoryRegisters.PMEN.offset(), (int) ProtectedMemoryRegisters.EPM.mask());
    RemappingDriver driver = RemappingDriver.start(platform.platform(), DriverOptions.DEFAULT);
    assertThat(registers.read32(ProtectedMemoryRegisters.PMEN.offset())).isZero();
    works(platform, driver);
  }

  @Test
  void theFirstFaultsAreTheDriversOwn() throws Exception {
    InProcessPlatform platform = new InProcessPlatform(Units.LEGACY.configuration());
    RemappingDriver first = RemappingDriver.start(platform.platform(), DriverOptions.DEFAULT);
    platform.read(SOURCE, PasidPrefix.NONE, IOVA, HPA);
    first.shutDown();
    RemappingDriver second = RemappingDriver.start(platform.platform(), DriverOptions.DEFAULT);
    second
        .faults()
        .drain(fault -> {
          throw new AssertionError("of before: " + fault);
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void withTooFewPagesTheUnitIsLeftAloneAndNoPageIsLost(int count) throws Exception {
    InProcessPlatform platform = new InProcessPlatform(Units.SCALABLE.configuration());
    PagePool few = new PagePool(InProcessPlatform.tables(), count);
    Platform poor = platform.platform().allocatingFrom(few);
    assertThatThrownBy(() -> RemappingDriver.start(poor, DriverOptions.DEFAULT))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(DriverException.Reason.OUT_OF_PAGES));
    assertThat(few.taken()).isZero();
    assertThat(platform.platform().registers().read32(GlobalRegisters.GSTS.offset())).isZero();
  }

  /// The range needs two tables of the lowest level, one above each, and so on: six in all.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void aMapWithoutPagesChangesNothing(int left) throws Exception {
    InProcessPlatform platform = new InProcessPlatform(Units.CACHING_MODE.configuration());
    Rationed pages = new Rationed(platform.platform().pages());
    RemappingDriver driver =
        RemappingDriver.start(platform.platform().allocatingFrom(pages), DriverOptions.DEFAULT);
    PagingDomain domain = driver.domains().paging();
    driver.device(SOURCE, DeviceFeatures.NONE).attach(domain);
    long start = (1L << 39) - 2 * PAGE;
    pages.left = left;
    assertThatThrownBy(() -> domain.map(start, HPA, 4 * PAGE, Rights.READ_WRITE))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(DriverException.Reason.OUT_OF_PAGES));
    for (long at = 0; at < 4 * PAGE; at += PAGE) {
      assertThat(platform.read(SOURCE, PasidPrefix.NONE, start + at, HPA + at))
          .isEqualTo(Reach.BLOCKED);
    }
    pages.left = Integer.MAX_VALUE;
    domain.map(start, HPA, 4 * PAGE, Rights.READ_WRITE);
    assertThat(platform.read(SOURCE, PasidPrefix.NONE, start, HPA)).isEqualTo(Reach.THERE);
  }

  /// Pages that run out.
  private static final class Rationed implements PageAllocator {
    private final PageAllocator pages;
    private int left = Integer.MAX_VALUE;

    Rationed(PageAllocator pages) {
      this.pages = pages;
    }

    @Override
    public long allocate(int count) throws DriverException {
      if (left-- <= 0) {
        throw new DriverException(DriverException.Reason.OUT_OF_PAGES, "rationed");
      }
      return pages.allocate(count);
    }

    @Override
    public void free(long hpa, int count) {
      pages.free(hpa, count);
    }
  }
}
