package dev.portcullis.conformance.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.invalidation.InvalidationBatch;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.TableMemory;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.kit.driver.DrivenPlatform.Reach;
import dev.portcullis.kit.driver.InProcessPlatform;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.descriptor.IotlbInvalidate;
import dev.portcullis.spec.register.TableMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A descriptor that the unit refuses is told of, and costs nothing but itself.
class QueueRecoveryTest {
  private static final int SOURCE = 0x0018;
  private static final long PAGE = 4096;
  private static final long IOVA = 0x1234_5000L;
  private static final long HPA = 0x80_0000L;
  private static final long RESERVED = 1L << 8;

  private boolean spoilsNext;

  /// Memory that sets a reserved bit in the next word the driver writes to its queue.
  private final class Spoiling implements TableMemory {
    private final TableMemory memory;

    Spoiling(TableMemory memory) {
      this.memory = memory;
    }

    @Override
    public long readLong(long hpa) throws DriverException {
      return memory.readLong(hpa);
    }

    @Override
    public void writeLong(long hpa, long value) throws DriverException {
      boolean inQueue = hpa - InProcessPlatform.tables() < PAGE;
      memory.writeLong(hpa, spoilsNext && inQueue ? value | RESERVED : value);
      spoilsNext &= !inQueue;
    }

    @Override
    public boolean compareAndSet(long hpa, long expected, long value) throws DriverException {
      return memory.compareAndSet(hpa, expected, value);
    }

    @Override
    public void fill(long hpa, long lengthBytes, byte value) throws DriverException {
      memory.fill(hpa, lengthBytes, value);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "SCALABLE"})
  void theQueueGoesOnAfterARefusedDescriptor(TableMode mode) throws Exception {
    InProcessPlatform platform =
        new InProcessPlatform(Units.SCALABLE.configuration(), Spoiling::new);
    RemappingDriver driver =
        RemappingDriver.start(platform.platform(), DriverOptions.DEFAULT.in(mode));
    PagingDomain domain = driver.domains().paging();
    driver.device(SOURCE, DeviceFeatures.NONE).attach(domain);
    domain.map(IOVA, HPA, 2 * PAGE, Rights.READ_WRITE);
    assertThat(platform.read(SOURCE, PasidPrefix.NONE, IOVA + PAGE, HPA + PAGE))
        .isEqualTo(Reach.THERE);
    spoilsNext = true;
    assertThatThrownBy(() -> domain.unmap(IOVA, PAGE))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(DriverException.Reason.INVALIDATION_REFUSED))
        .hasMessageContaining("error 4");
    assertThat(domain.unmap(IOVA + PAGE, PAGE)).isEqualTo(PAGE);
    assertThat(platform.read(SOURCE, PasidPrefix.NONE, IOVA + PAGE, HPA + PAGE))
        .isEqualTo(Reach.BLOCKED);
    driver.shutDown();
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "SCALABLE"})
  void aBatchLongerThanTheQueueIsCarriedOutInParts(TableMode mode) throws Exception {
    InProcessPlatform platform = new InProcessPlatform(Units.SCALABLE.configuration());
    RemappingDriver driver =
        RemappingDriver.start(platform.platform(), DriverOptions.DEFAULT.in(mode));
    long before = platform.unit().statistics().waits();
    PagingDomain domain = driver.domains().paging();
    driver.device(SOURCE, DeviceFeatures.NONE).attach(domain);
    driver.submit(longBatch());
    assertThat(platform.unit().statistics().waits() - before).isGreaterThan(1);
  }

  private static InvalidationBatch longBatch() {
    InvalidationBatch batch = new InvalidationBatch();
    for (int i = 0; i < 1000; i++) {
      batch.add(IotlbInvalidate.domain(i));
    }
    return batch;
  }
}
