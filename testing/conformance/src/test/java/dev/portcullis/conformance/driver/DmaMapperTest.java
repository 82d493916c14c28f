package dev.portcullis.conformance.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.dma.DmaMapper;
import dev.portcullis.driver.dma.DmaMapper.Flushing;
import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.iova.IovaAllocator;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.table.PageTables;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.kit.driver.DrivenPlatform.Reach;
import dev.portcullis.kit.driver.InProcessPlatform;
import dev.portcullis.pci.PasidPrefix;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Buffers get addresses, and devices reach them until they are unmapped, or a little longer.
class DmaMapperTest {
  private static final int SOURCE = 0x0018;
  private static final long PAGE = 4096;
  private static final long HPA = 0x80_0000L;
  private static final long GIB_4 = 1L << 32;

  private final InProcessPlatform platform = new InProcessPlatform(Units.SCALABLE.configuration());
  private final PagingDomain domain;

  DmaMapperTest() throws DriverException {
    RemappingDriver driver = RemappingDriver.start(platform.platform(), DriverOptions.DEFAULT);
    domain = driver.domains().paging();
    driver.device(SOURCE, DeviceFeatures.NONE).attach(domain);
  }

  private DmaMapper mapper(Flushing flushing, int addressBits) {
    return new DmaMapper(domain, new IovaAllocator(PAGE, 1L << 40), flushing, addressBits);
  }

  private Reach write(long iova, long hpa) {
    return platform.write(SOURCE, PasidPrefix.NONE, iova, hpa);
  }

  @ParameterizedTest
  @EnumSource
  void aBufferIsReachedFromItsFirstByteToItsLast(Flushing flushing) throws Exception {
    DmaMapper mapper = mapper(flushing, 48);
    long bytes = 3 * PAGE;
    long iova = mapper.map(HPA + 0x808, bytes, Rights.READ_WRITE);
    assertThat(iova % PAGE).isEqualTo(0x808);
    assertThat(write(iova, HPA + 0x808)).isEqualTo(Reach.THERE);
    assertThat(write(iova + bytes - 8, HPA + 0x808 + bytes - 8)).isEqualTo(Reach.THERE);
    assertThat(write(iova + 4 * PAGE, HPA)).isEqualTo(Reach.BLOCKED);
    mapper.unmap(iova, bytes);
    mapper.flush();
    assertThat(write(iova, HPA + 0x808)).isEqualTo(Reach.BLOCKED);
    assertThat(write(iova + bytes - 8, HPA + 0x808 + bytes - 8)).isEqualTo(Reach.BLOCKED);
  }

  @Test
  void strictlyUnmappedMeansAtOnce() throws Exception {
    DmaMapper mapper = mapper(Flushing.STRICT, 48);
    long iova = mapper.map(HPA, PAGE, Rights.READ_WRITE);
    assertThat(write(iova, HPA)).isEqualTo(Reach.THERE);
    mapper.unmap(iova, PAGE);
    assertThat(write(iova, HPA)).isEqualTo(Reach.BLOCKED);
    assertThat(mapper.map(HPA, PAGE, Rights.READ_WRITE)).as("used again").isEqualTo(iova);
  }

  /// Tables that were taken out, too: the unit may know the way to them still.
  @Test
  void whatIsMappedBesideWhatWaitsForAFlushIsReached() throws Exception {
    int regions = PageTables.IDLE_LIMIT + 2;
    for (int i = 0; i < regions; i++) {
      domain.map(i * PageTables.LARGE_BYTES, HPA, PAGE, Rights.READ_WRITE);
    }
    assertThat(write(0, HPA)).isEqualTo(Reach.THERE);
    for (int i = 0; i < regions; i++) {
      domain.unmapLater(i * PageTables.LARGE_BYTES, PAGE);
    }

    domain.map(PAGE, HPA + PAGE, PAGE, Rights.READ_WRITE);

    assertThat(write(PAGE, HPA + PAGE)).isEqualTo(Reach.THERE);
  }

  @Test
  void strictEndsWhatWasDeferred() throws Exception {
    domain.map(0, HPA, 2 * PAGE, Rights.READ_WRITE);
    assertThat(write(0, HPA)).isEqualTo(Reach.THERE);
    domain.unmapLater(0, PAGE);
    assertThat(write(0, HPA)).as("late").isEqualTo(Reach.THERE);

    assertThat(domain.unmap(0, PAGE)).as("nothing is mapped there any more").isZero();
    assertThat(write(0, HPA)).isEqualTo(Reach.BLOCKED);

    domain.map(0, HPA, PAGE, Rights.READ_WRITE);
    assertThat(write(0, HPA)).isEqualTo(Reach.THERE);
    domain.unmapLater(0, PAGE);
    assertThat(domain.unmap(PAGE, PAGE)).as("beside it").isEqualTo(PAGE);
    assertThat(write(0, HPA)).isEqualTo(Reach.BLOCKED);
  }

  @Test
  void deferredAddressesAreNotUsedAgainBeforeTheFlush() throws Exception {
    DmaMapper mapper = mapper(Flushing.DEFERRED, 48);
    Set<Long> used = new HashSet<>();
    long last = 0;
    for (int i = 0; i < DmaMapper.PENDING_LIMIT; i++) {
      last = mapper.map(HPA, PAGE, Rights.READ_WRITE);
      assertThat(used.add(last)).as("buffer " + i).isTrue();
      assertThat(write(last, HPA)).isEqualTo(Reach.THERE);
      mapper.unmap(last, PAGE);
    }
    for (long iova : used) {
      assertThat(write(iova, HPA)).as("all flushed together").isEqualTo(Reach.BLOCKED);
    }
    assertThat(used).contains(mapper.map(HPA, PAGE, Rights.READ_WRITE));
  }

  @Test
  void aDeviceOf32BitsGetsAddressesOf32Bits() throws Exception {
    DmaMapper mapper = mapper(Flushing.STRICT, 32);
    long iova = mapper.map(HPA, 4 * PAGE, Rights.READ_WRITE);
    assertThat(iova + 4 * PAGE).isLessThanOrEqualTo(GIB_4);
    assertThat(write(iova, HPA)).isEqualTo(Reach.THERE);
  }

  @Test
  void whatWaitsForAFlushIsFlushedWhenAddressesRunOut() throws Exception {
    DmaMapper mapper = new DmaMapper(domain, new IovaAllocator(0, 8 * PAGE), Flushing.DEFERRED, 48);
    for (int i = 0; i < 100; i++) {
      long iova = mapper.map(HPA, 8 * PAGE, Rights.READ);
      mapper.unmap(iova, 8 * PAGE);
    }
    mapper.map(HPA, 8 * PAGE, Rights.READ);
    assertThatThrownBy(() -> mapper.map(HPA, PAGE, Rights.READ))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(DriverException.Reason.OUT_OF_ADDRESSES));
  }
}
