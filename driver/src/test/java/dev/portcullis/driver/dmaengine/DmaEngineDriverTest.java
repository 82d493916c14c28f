package dev.portcullis.driver.dmaengine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.dma.DmaEngine;
import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.device.Device;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.device.DeviceFeatures.PageRequests;
import dev.portcullis.driver.dmaengine.DmaEngineDriver.Channel;
import dev.portcullis.driver.dmaengine.DmaEngineDriver.Result;
import dev.portcullis.driver.domain.DeviceTlb;
import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.domain.PagingDomain.Snoop;
import dev.portcullis.driver.pagerequest.PageRequestHandler.Answer;
import dev.portcullis.driver.pagerequest.PageRequestService;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.MappedTableMemory;
import dev.portcullis.driver.port.PagePool;
import dev.portcullis.driver.port.Patience;
import dev.portcullis.driver.port.Platform;
import dev.portcullis.driver.port.RegisterPort;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.machine.wiring.RootComplex;
import dev.portcullis.pci.IntxLine;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.descriptor.PageRequestDescriptor;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.UnitConfiguration.Preset;
import dev.portcullis.unit.event.MessageSink;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Shared virtual memory from end to end: the driver serves the page requests of a DMA engine that
/// runs on the addresses of a program, and takes pages away from it while it runs.
class DmaEngineDriverTest {
  private static final RequesterId PLACE = new RequesterId(0, 5, 0);
  private static final int PASID = 0x105;
  private static final int TABLE_PAGES = 256;
  private static final int PATIENCE_SECONDS = 20;
  private static final long PAGE = 4096;
  private static final long RING = 0x7ffe_0000_0000L;
  private static final long SOURCE = 0x5555_0000_1000L;
  private static final long DESTINATION = 0x5555_0000_8000L;
  private static final int WORDS = 512;

  private final ProcessMemory memory = new ProcessMemory();
  private final DmaEngine engine = new DmaEngine();
  private final RemappingDriver driver;
  private final PageRequestService service;
  private final PagingDomain domain;
  private final Device device;
  private final Channel channel;
  private final long source = memory.page();
  private final long heap = memory.pages(16);

  DmaEngineDriverTest() throws Exception {
    UnitConfiguration configuration = Preset.SCALABLE.builder().build();
    MessageSink nobody = (address, data) -> {};
    RemappingUnit unit = new RemappingUnit(configuration, memory.map(), nobody);
    RootComplex complex = new RootComplex();
    complex.cover(PLACE, unit);
    complex.plug(PLACE, engine);
    engine.connect(complex.portOf(PLACE, memory.map(), nobody), IntxLine.unconnected());
    engine.writeConfig(4, 2, 6);
    driver =
        RemappingDriver.start(
            new Platform(
                registersOf(unit),
                new MappedTableMemory(memory.map()),
                new PagePool(memory.pages(TABLE_PAGES), TABLE_PAGES),
                configuration.capabilities().hostAddressBits()),
            DriverOptions.DEFAULT.answering(this::answer));
    service = driver.pageRequests().orElseThrow();
    domain = driver.domains().firstStage(4, Snoop.AS_REQUESTED);
    device =
        driver.device(
            PLACE.id(),
            new DeviceFeatures(Optional.of(new DeviceTlb(PLACE.id(), 32)), 20, PageRequests.ON));
    device.attach(PASID, domain);
    long ring = memory.page();
    domain.map(RING, ring, PAGE, Rights.READ_WRITE);
    domain.map(SOURCE, source, PAGE, Rights.READ);
    for (int i = 0; i < WORDS; i++) {
      memory.write(source + 8L * i, 0x0101_0101L * i);
    }
    channel = new DmaEngineDriver(engine, memory).channel(0, PASID, RING, ring);
  }

  @AfterEach
  void close() {
    engine.close();
  }

  /// The program has a heap of 16 pages; each is there when it is first used.
  private Answer answer(PageRequestDescriptor request) throws DriverException {
    long offset = request.address() - DESTINATION;
    if (offset < 0 || offset >= 16 * PAGE) {
      return Answer.INVALID_REQUEST;
    }
    domain.map(request.address(), heap + offset, PAGE, Rights.READ_WRITE);
    return Answer.SUCCESS;
  }

  private static RegisterPort registersOf(RemappingUnit unit) {
    return new RegisterPort() {
      @Override
      public int read32(int offset) {
        return (int) unit.readRegister(offset, 4);
      }

      @Override
      public long read64(int offset) {
        return unit.readRegister(offset, 8);
      }

      @Override
      public void write32(int offset, int value) {
        unit.writeRegister(offset, 4, value & 0xffff_ffffL);
      }

      @Override
      public void write64(int offset, long value) {
        unit.writeRegister(offset, 8, value);
      }
    };
  }

  private Result served(int descriptor) throws DriverException {
    Patience.ofSeconds(PATIENCE_SECONDS)
        .await(
            "descriptor served",
            () -> {
              service.serve();
              return channel.isDone(descriptor);
            });
    return channel.result(descriptor);
  }

  @Test
  void pagesAreThereWhenTheyAreFirstUsed() throws Exception {
    Result result = served(channel.copy(SOURCE, DESTINATION, PAGE));
    assertThat(result.status()).isEqualTo(Result.SUCCESS);
    assertThat(result.pagesAsked()).isEqualTo(1);
    for (int i = 0; i < WORDS; i++) {
      assertThat(memory.read(heap + 8L * i)).isEqualTo(0x0101_0101L * i);
    }
    assertThat(served(channel.fill(DESTINATION, 16 * PAGE, 7)).status()).isEqualTo(Result.SUCCESS);
    assertThat(memory.read(heap + 16 * PAGE - 8)).isEqualTo(7);
  }

  @Test
  void anAddressThatIsNotTheProgramsIsRefused() throws Exception {
    Result result = served(channel.copy(SOURCE, DESTINATION + 16 * PAGE, 8));
    assertThat(result.status()).isEqualTo(Result.PAGE_INVALID);
  }

  @Test
  void aPageThatIsTakenAwayIsNotWrittenAnyMore() throws Exception {
    for (int round = 1; round <= 50; round++) {
      assertThat(served(channel.fill(DESTINATION, PAGE, round)).status()).isEqualTo(Result.SUCCESS);
      int running = channel.fill(DESTINATION, PAGE, -round);
      assertThat(domain.unmap(DESTINATION, PAGE)).isEqualTo(PAGE);
      memory.write(heap + 64, 0x600d);
      // Nobody serves page requests here: what the engine has not written, it cannot write now.
      assertThat(memory.read(heap + 64)).isEqualTo(0x600d);
      assertThat(served(running).status()).isEqualTo(Result.SUCCESS);
    }
  }

  @Test
  void aDetachedProgramHaltsTheEngine() throws Exception {
    served(channel.fill(DESTINATION, PAGE, 1));
    device.detach(PASID);
    channel.fill(DESTINATION, PAGE, 2);
    assertThat(channel.error()).isNotZero();
    assertThat(memory.read(heap)).isEqualTo(1);
    domain.close();
    engine.close();
    driver.shutDown();
  }
}
