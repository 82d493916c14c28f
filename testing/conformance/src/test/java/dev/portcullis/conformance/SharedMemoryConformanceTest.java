package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.dma.DmaEngine;
import dev.portcullis.driver.dmaengine.DmaEngineDriver;
import dev.portcullis.driver.dmaengine.DmaEngineDriver.Channel;
import dev.portcullis.driver.dmaengine.DmaEngineDriver.Result;
import dev.portcullis.kit.Await;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.fault.Messages.Message;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.pci.PageResponse;
import dev.portcullis.spec.descriptor.PageRequestDescriptor;
import dev.portcullis.spec.table.FirstStageEntry;
import dev.portcullis.spec.table.ScalableContextEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A DMA engine works on the addresses of a program: driver, tables, page requests and
/// invalidations all the way through root complex and unit.
class SharedMemoryConformanceTest {
  private static final int PASID = 0x105;
  private static final long RING = 0x7fff_0000_0000L;
  private static final long SOURCE = 0x5555_0000_1000L;
  private static final long DESTINATION = 0x5555_0000_8000L;
  private static final long PAGE = 4096;

  private final DmaEngine engine = new DmaEngine();
  private final SharedMemoryMachine machine = new SharedMemoryMachine(engine);
  private final GuestMemory memory = machine.memory();
  private final DmaEngineDriver driver = new DmaEngineDriver(engine, words());
  private final FirstStage space = machine.space(PASID);
  private final long ring = memory.page();
  private final long source = memory.page();
  private final Channel channel;

  private DmaEngineDriver.Words words() {
    return new DmaEngineDriver.Words() {
      @Override
      public long read(long hpa) {
        return memory.readLong(hpa);
      }

      @Override
      public void write(long hpa, long value) {
        memory.writeLong(hpa, value);
      }
    };
  }

  SharedMemoryConformanceTest() {
    space.map(RING, ring).map(SOURCE, source);
    for (int i = 0; i < 512; i++) {
      memory.writeLong(source + 8 * i, 0x1111_1111L * i);
    }
    channel = driver.channel(0, PASID, RING, ring);
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private void assertCopied(long hpa) {
    for (int i = 0; i < 512; i++) {
      assertThat(memory.readLong(hpa + 8 * i)).isEqualTo(memory.readLong(source + 8 * i));
    }
  }

  @Test
  void mappedPagesAreCopiedByTranslatedRequests() {
    long destination = memory.page();
    space.map(DESTINATION, destination);
    assertThat(channel.result(channel.copy(SOURCE, DESTINATION, PAGE)).status())
        .isEqualTo(Result.SUCCESS);
    assertCopied(destination);
    assertThat(driver.translationsAsked()).isGreaterThanOrEqualTo(3);
    assertThat(space.entry(DESTINATION).word() & FirstStageEntry.D.mask()).isNotZero();
    assertThat(machine.machine().faults().take()).isEmpty();
  }

  @Test
  @Covers("wire page-group")
  void aMissingPageIsAskedForAndTheCopyGoesOn() {
    int copy = channel.copy(SOURCE, DESTINATION, PAGE);
    PageRequestDescriptor request = machine.takePage();
    assertThat(request.requesterId()).isEqualTo(machine.sourceId());
    assertThat(request.pasid()).isEqualTo(PASID);
    assertThat(request.hasPasid()).isTrue();
    assertThat(request.address()).isEqualTo(DESTINATION);
    assertThat(request.wantsWrite()).isTrue();
    assertThat(request.wantsRead()).isFalse();
    assertThat(request.isLast()).isTrue();
    assertThat(channel.isDone(copy)).isFalse();
    long destination = memory.page();
    space.map(DESTINATION, destination);
    machine.answer(request, PageResponse.SUCCESS);
    Result result = channel.result(copy);
    assertThat(result.status()).isEqualTo(Result.SUCCESS);
    assertThat(result.pagesAsked()).isEqualTo(1);
    assertCopied(destination);
    assertThat(machine.machine().faults().take()).as("recoverable: not recorded").isEmpty();
  }

  @Test
  @Covers("wire page-group")
  void aGroupOfPagesIsAnsweredOnce() {
    int fill = channel.fill(DESTINATION, 4 * PAGE, 0x77);
    long pages = memory.pages(4);
    PageRequestDescriptor request = machine.takePage();
    for (int i = 0; i < 4; i++) {
      assertThat(request.address()).isEqualTo(DESTINATION + i * PAGE);
      assertThat(request.isLast()).isEqualTo(i == 3);
      space.map(DESTINATION + i * PAGE, pages + i * PAGE);
      request = i < 3 ? machine.takePage() : request;
    }
    machine.answer(request, PageResponse.SUCCESS);
    assertThat(channel.result(fill).doneBytes()).isEqualTo(4 * PAGE);
    assertThat(memory.readLong(pages + 4 * PAGE - 8)).isEqualTo(0x77);
    assertThat(machine.pagesWaiting()).isZero();
  }

  @Test
  void aReadOnlyPageIsAskedForWhenItIsWritten() {
    long page = memory.page();
    space.mapToRead(DESTINATION, page);
    int copy = channel.copy(SOURCE, DESTINATION, 8);
    PageRequestDescriptor request = machine.takePage();
    space.map(DESTINATION, page);
    machine.answer(request, PageResponse.SUCCESS);
    assertThat(channel.result(copy).status()).isEqualTo(Result.SUCCESS);
  }

  @Test
  void programsDoNotMeet() {
    long mine = memory.page();
    long other = memory.page();
    long otherRing = memory.page();
    space.map(DESTINATION, mine);
    FirstStage another = machine.space(9).map(RING, otherRing).map(DESTINATION, other);
    Channel second = driver.channel(1, 9, RING, otherRing);
    channel.result(channel.fill(DESTINATION, 8, 1));
    second.result(second.fill(DESTINATION, 8, 2));
    assertThat(memory.readLong(mine)).isEqualTo(1);
    assertThat(memory.readLong(other)).isEqualTo(2);
    assertThat(another.entry(SOURCE).isPresent()).isFalse();
  }

  @Test
  void anAtomicOperationIsCarriedOutAndToldByMessage() {
    long page = memory.page();
    memory.writeLong(page + 16, 40);
    space.map(DESTINATION, page);
    Result result = channel.result(channel.add(DESTINATION + 16, 2));
    assertThat(result.detail()).isEqualTo(40);
    assertThat(memory.readLong(page + 16)).isEqualTo(42);
    Await.until(
        "message",
        () ->
            machine
                .machine()
                .delivered()
                .take()
                .contains(new Message(0xfee0_0000L, DmaEngineDriver.messageOf(0))));
  }

  @Test
  @Covers({"wire invalidate-drains", "descriptor 6h", "descriptor 8h"})
  void whileItRunsNoPageIsWrittenAfterItsInvalidation() {
    long pages = memory.pages(2);
    space.map(DESTINATION, pages);
    for (int round = 0; round < 200; round++) {
      long here = pages + PAGE * (round & 1);
      long there = pages + PAGE * (1 - (round & 1));
      int last = 0;
      for (int i = 0; i < 12; i++) {
        last = channel.fill(DESTINATION, PAGE, round);
      }
      space.map(DESTINATION, there);
      machine.forget(PASID, DESTINATION);
      memory.writeLong(here + 64, -1);
      last = channel.fill(DESTINATION, PAGE, round);
      assertThat(channel.result(last).status()).isEqualTo(Result.SUCCESS);
      assertThat(memory.readLong(here + 64)).isEqualTo(-1);
      assertThat(memory.readLong(there + 64)).isEqualTo(round);
    }
  }

  @Test
  @Covers("wire invalidate-during-page-wait")
  void invalidationsEndWhileAChannelWaitsForAPage() {
    int copy = channel.copy(SOURCE, DESTINATION, 8);
    PageRequestDescriptor request = machine.takePage();
    machine.forget(PASID, DESTINATION);
    machine.forget(PASID, SOURCE);
    space.map(DESTINATION, memory.page());
    machine.answer(request, PageResponse.SUCCESS);
    assertThat(channel.result(copy).status()).isEqualTo(Result.SUCCESS);
  }

  @Test
  @Covers("wire invalidate-all-pasids")
  void everyPasidIsForgottenAtOnce() {
    long before = memory.page();
    long after = memory.page();
    space.map(DESTINATION, before);
    channel.result(channel.fill(DESTINATION, 8, 1));
    space.map(DESTINATION, after);
    long everything = 0x7fff_ffff_ffff_f000L | 1 << 11;
    machine
        .machine()
        .queue()
        .complete(
            Descriptor.pasidIotlb(SharedMemoryMachine.DOMAIN, PASID),
            Descriptor.pasidDeviceTlb(machine.sourceId(), 0, everything).with(64));
    channel.result(channel.fill(DESTINATION, 8, 2));
    assertThat(memory.readLong(before)).isEqualTo(1);
    assertThat(memory.readLong(after)).isEqualTo(2);
  }

  @Test
  @Covers("wire page-response-invalid")
  void aPageThatIsNotToBeHadEndsTheDescriptorAndNoMore() {
    int copy = channel.copy(SOURCE, DESTINATION, 8);
    machine.answer(machine.takePage(), PageResponse.INVALID_REQUEST);
    Result result = channel.result(copy);
    assertThat(result.status()).isEqualTo(Result.PAGE_INVALID);
    assertThat(result.detail()).isEqualTo(DESTINATION);
    int again = channel.copy(SOURCE, DESTINATION, 8);
    PageRequestDescriptor request = machine.takePage();
    space.map(DESTINATION, memory.page());
    machine.answer(request, PageResponse.SUCCESS);
    assertThat(channel.result(again).status()).isEqualTo(Result.SUCCESS);
  }

  @Test
  @Covers("wire page-response-failure")
  void aFailureEndsPageRequestsUntilTheyAreEnabledAnew() {
    int copy = channel.copy(SOURCE, DESTINATION, 8);
    machine.answer(machine.takePage(), PageResponse.FAILURE);
    assertThat(channel.result(copy).status()).isEqualTo(Result.PAGE_UNAVAILABLE);
    assertThat(driver.pageRequestStatus() & 0x101).isEqualTo(0x101);
    assertThat(channel.result(channel.copy(SOURCE, DESTINATION, 8)).status())
        .isEqualTo(Result.PAGE_UNAVAILABLE);
    assertThat(machine.pagesWaiting()).isZero();
    driver.pageRequests(false);
    driver.pageRequests(true);
    int again = channel.copy(SOURCE, DESTINATION, 8);
    PageRequestDescriptor request = machine.takePage();
    space.map(DESTINATION, memory.page());
    machine.answer(request, PageResponse.SUCCESS);
    assertThat(channel.result(again).status()).isEqualTo(Result.SUCCESS);
  }

  @Test
  @Covers("wire page-stop-marker")
  void aStopMarkerEndsTheRequestsOfAPasid() {
    int copy = channel.copy(SOURCE, DESTINATION, 8);
    PageRequestDescriptor request = machine.takePage();
    channel.stop();
    assertThat(channel.result(copy).status()).isEqualTo(Result.STOPPED);
    PageRequestDescriptor marker = machine.takePage();
    assertThat(marker.isLast()).isTrue();
    assertThat(marker.wantsRead() || marker.wantsWrite()).isFalse();
    assertThat(marker.pasid()).isEqualTo(PASID);
    machine.answer(request, PageResponse.SUCCESS);
    assertThat(driver.pageRequestStatus() & 2).as("no surprise").isZero();
  }

  @Test
  @Covers("wire page-automatic-invalid")
  void withoutPermissionToAskTheUnitRefusesInSoftwaresPlace() {
    machine.forbid(ScalableContextEntry.PRE);
    assertThat(channel.result(channel.copy(SOURCE, DESTINATION, 8)).status())
        .isEqualTo(Result.PAGE_INVALID);
    assertThat(machine.pagesWaiting()).isZero();
    assertThat(machine.machine().faults().take()).anyMatch(fault -> fault.reason() == 0x47);
  }

  @Test
  @Covers({"wire page-automatic-success", "register PRS.PRO"})
  void aFullQueueMakesTheDeviceTryAgain() {
    machine.machine().registers().write64(Offsets.PQH, 32);
    int copy = channel.copy(SOURCE, DESTINATION, 8);
    Await.until("overflow", () -> (machine.machine().registers().read32(Offsets.PRS) & 2) != 0);
    assertThat(channel.result(copy).status()).as("too many retries").isEqualTo(8);
    machine.machine().registers().write64(Offsets.PQH, 0);
    machine.machine().registers().write32(Offsets.PRS, 3);
    int again = channel.copy(SOURCE, DESTINATION, 8);
    PageRequestDescriptor request = machine.takePage();
    space.map(DESTINATION, memory.page());
    machine.answer(request, PageResponse.SUCCESS);
    assertThat(channel.result(again).status()).isEqualTo(Result.SUCCESS);
  }

  @Test
  @Covers({"wire unsupported-ends-ats", "fault 44h"})
  void withoutDeviceTlbsTheDeviceGoesOnWithUntranslatedRequests() {
    long destination = memory.page();
    space.map(DESTINATION, destination);
    machine.forbid(ScalableContextEntry.PRE, ScalableContextEntry.DTE);
    assertThat(channel.result(channel.copy(SOURCE, DESTINATION, PAGE)).status())
        .isEqualTo(Result.SUCCESS);
    assertCopied(destination);
    assertThat(driver.translationsAsked()).isEqualTo(1);
    assertThat(machine.machine().faults().take())
        .singleElement()
        .matches(fault -> fault.reason() == 0x44);
    Result missing = channel.result(channel.fill(DESTINATION + PAGE, 8, 1));
    assertThat(missing.status()).isEqualTo(Result.REFUSED);
  }

  @Test
  void withAtsOffEverythingGoesUntranslated() {
    driver.ats(false);
    long destination = memory.page();
    space.map(DESTINATION, destination);
    assertThat(channel.result(channel.copy(SOURCE, DESTINATION, PAGE)).status())
        .isEqualTo(Result.SUCCESS);
    assertCopied(destination);
    assertThat(driver.translationsAsked()).isZero();
  }

  @Test
  @Covers("wire translation-request-off")
  void withTranslationOffTheDeviceFallsBackAndAddressesArePhysical() {
    machine.machine().registers().disable(Command.TE);
    Channel second = driver.channel(1, PASID, ring, ring);
    assertThat(second.result(second.fill(source + 8, 8, 5)).status()).isEqualTo(Result.SUCCESS);
    assertThat(memory.readLong(source + 8)).isEqualTo(5);
    assertThat(driver.translationsAsked()).isEqualTo(1);
    assertThat(machine.machine().faults().take()).isEmpty();
  }

  @Test
  void aPasidThatIsNotThereHaltsTheChannel() {
    Channel lost = driver.channel(1, PASID + 1, RING, ring);
    lost.fill(DESTINATION, 8, 1);
    assertThat(lost.error()).isEqualTo(1);
    assertThat(machine.machine().faults().take()).anyMatch(fault -> fault.reason() == 0x59);
  }
}
