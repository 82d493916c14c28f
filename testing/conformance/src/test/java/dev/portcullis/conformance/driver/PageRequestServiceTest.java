package dev.portcullis.conformance.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.device.Device;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.device.DeviceFeatures.PageRequests;
import dev.portcullis.driver.domain.DeviceTlb;
import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.domain.PagingDomain.Snoop;
import dev.portcullis.driver.pagerequest.PageRequestHandler.Answer;
import dev.portcullis.driver.pagerequest.PageRequestService;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.kit.ats.Functions.Forget;
import dev.portcullis.kit.ats.Functions.Heard;
import dev.portcullis.kit.driver.DrivenPlatform.Reach;
import dev.portcullis.kit.driver.InProcessPlatform;
import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.PageResponse;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.descriptor.PageRequestDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A device asks for pages under a PASID; the driver makes them available, or refuses to.
class PageRequestServiceTest {
  private static final int SOURCE = 0x0018;
  private static final int PASID = 9;
  private static final int PREFIX = PasidPrefix.of(PASID);
  private static final long PAGE = 4096;
  private static final long IOVA = 0x1234_5000L;
  private static final long HPA = 0x80_0000L;
  private static final long FORBIDDEN = 0x6666_6000L;
  private static final int QUEUE_ENTRIES = 128;

  private final InProcessPlatform platform =
      new InProcessPlatform(Units.PAGE_REQUESTS.configuration());
  private final List<PageRequestDescriptor> asked = new ArrayList<>();
  private PagingDomain domain;
  private Device device;
  private PageRequestService service;

  @BeforeEach
  void start() throws Exception {
    platform.functions().onHearing(this::obey);
    RemappingDriver driver =
        RemappingDriver.start(platform.platform(), DriverOptions.DEFAULT.answering(this::answer));
    domain = driver.domains().firstStage(4, Snoop.AS_REQUESTED);
    device =
        driver.device(
            SOURCE, new DeviceFeatures(Optional.of(new DeviceTlb(SOURCE, 32)), 8, PageRequests.ON));
    device.attach(PASID, domain);
    service = driver.pageRequests().orElseThrow();
  }

  private void obey(Heard message) {
    if (message instanceof Forget(int requester, var request)) {
      platform.unit().invalidationCompleted(requester, 1 << request.tag(), 1);
    }
  }

  private Answer answer(PageRequestDescriptor request) throws DriverException {
    asked.add(request);
    if (request.address() == FORBIDDEN) {
      return Answer.INVALID_REQUEST;
    }
    domain.map(request.address(), HPA + request.group() * PAGE, PAGE, Rights.READ_WRITE);
    return Answer.SUCCESS;
  }

  private void ask(long address, int group, boolean last) {
    platform.unit().requestPage(SOURCE, new PageRequest(PREFIX, address, group, true, true, last));
  }

  private List<PageResponse> answers() {
    return platform.functions().takeAnswers();
  }

  @Test
  void aPageThatIsAskedForIsThereWhenTheAnswerComes() throws Exception {
    assertThat(platform.write(SOURCE, PREFIX, IOVA, HPA)).isEqualTo(Reach.BLOCKED);
    ask(IOVA, 3, true);
    assertThat(service.serve()).isOne();
    assertThat(answers()).containsExactly(new PageResponse(PREFIX, 3, PageResponse.SUCCESS));
    assertThat(platform.write(SOURCE, PREFIX, IOVA, HPA + 3 * PAGE)).isEqualTo(Reach.THERE);
  }

  @Test
  void aGroupIsAnsweredOnceAndByItsWorst() throws Exception {
    ask(IOVA, 1, false);
    ask(FORBIDDEN, 1, false);
    ask(IOVA + PAGE, 2, true);
    ask(IOVA + 2 * PAGE, 1, true);
    assertThat(service.serve()).isEqualTo(4);
    assertThat(answers())
        .containsExactly(
            new PageResponse(PREFIX, 2, PageResponse.SUCCESS),
            new PageResponse(PREFIX, 1, PageResponse.INVALID_REQUEST));
  }

  @Test
  void aStopMarkerIsNotAnswered() throws Exception {
    platform.unit().requestPage(SOURCE, new PageRequest(PREFIX, 0, 0, false, false, true));
    assertThat(service.serve()).isOne();
    assertThat(answers()).isEmpty();
    assertThat(asked).isEmpty();
  }

  @Test
  void aQueueThatHasOverflowedGoesOn() throws Exception {
    for (int i = 0; i < QUEUE_ENTRIES; i++) {
      ask(FORBIDDEN, i, true);
    }
    assertThat(answers()).as("the unit answers what it cannot queue").hasSize(1);
    assertThat(service.serve()).isEqualTo(QUEUE_ENTRIES - 1);
    assertThat(answers()).hasSize(QUEUE_ENTRIES - 1);
    ask(IOVA, 4, true);
    assertThat(service.serve()).isOne();
    assertThat(answers()).containsExactly(new PageResponse(PREFIX, 4, PageResponse.SUCCESS));
  }

  @Test
  void theRingGoesRound() throws Exception {
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < QUEUE_ENTRIES - 28; i++) {
        ask(FORBIDDEN, i, true);
      }
      assertThat(service.serve()).isEqualTo(QUEUE_ENTRIES - 28);
    }
    assertThat(asked).hasSize(3 * (QUEUE_ENTRIES - 28));
  }

  @Test
  void nothingTheDeviceAskedIsLeftWhenItIsDetached() throws Exception {
    platform
        .functions()
        .onHearing(message -> {
          if (message instanceof Forget) {
            ask(IOVA, 7, true);
          }
          obey(message);
        });
    ask(FORBIDDEN, 6, true);
    device.detach(PASID);
    assertThat(asked).as("asked before").hasSize(1);
    assertThat(service.serve()).isZero();
    assertThat(answers())
        .as("the unit itself refuses what is asked on the way out")
        .containsExactlyInAnyOrder(
            new PageResponse(PREFIX, 6, PageResponse.INVALID_REQUEST),
            new PageResponse(PREFIX, 7, PageResponse.INVALID_REQUEST));
  }
}
