package dev.portcullis.unit;

import static dev.portcullis.unit.TestUnit.READ_WRITE;
import static dev.portcullis.unit.TestUnit.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.pci.DownstreamPort;
import dev.portcullis.pci.InvalidateRequest;
import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.PageResponse;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.descriptor.DeviceTlbInvalidate;
import dev.portcullis.spec.descriptor.InvalidationWait;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.FaultRegisters;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.QueueError;
import dev.portcullis.spec.register.QueueRegisters;
import dev.portcullis.unit.observe.InterruptOutcome;
import dev.portcullis.unit.observe.UnitEvent;
import dev.portcullis.unit.observe.UnitObserver;
import dev.portcullis.unit.request.PageUse;
import dev.portcullis.unit.request.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ObserverTest {
  private final TestUnit test = TestUnit.legacy();
  private final List<UnitEvent> events = new ArrayList<>();
  private final UnitObserver observer = events::add;

  @Test
  void anObserverSeesHitsMissesAndRefusals() {
    long tables = test.attach(4);
    test.map(tables, 4, 1, 0x5000, 0x40_0000 | READ_WRITE);
    test.enable();
    test.unit.translate(SOURCE, 0x5008, Request.READ);
    test.unit.attach(observer);
    test.unit.translate(SOURCE, 0x5008, Request.READ);
    test.unit.translate(SOURCE, 0x7000, Request.WRITE);
    test.unit.detach(observer);
    test.unit.translate(SOURCE, 0x5008, Request.READ);

    assertThat(events)
        .containsExactly(
            new UnitEvent.Translated(
                UnitEvent.Asked.plainly(SOURCE, 0x5008, Request.READ), 0x40_0008, PageUse.PLAIN),
            new UnitEvent.Refused(
                UnitEvent.Asked.plainly(SOURCE, 0x7000, Request.WRITE),
                Optional.of(FaultReason.WRITE_NOT_PERMITTED)));
  }

  @Test
  void anObserverSeesWhatSoftwareDoes() {
    test.enableQueue();
    test.unit.attach(observer);
    InvalidationWait wait = InvalidationWait.status(TestUnit.STATUS, 1);
    test.submit(wait);
    test.write(QueueRegisters.IQT, 32);

    assertThat(events)
        .containsExactly(
            new UnitEvent.DescriptorExecuted(wait),
            new UnitEvent.RegisterWritten(0x88, 8, 16),
            new UnitEvent.QueueStopped(16, QueueError.INVALID_TYPE),
            new UnitEvent.RegisterWritten(0x88, 8, 32));
  }

  @Test
  void anObserverSeesWhatDevicesAreTold() {
    TestUnit ats = new TestUnit(UnitConfiguration.builder().with(Feature.DEVICE_TLBS).build());
    ats.attach(4);
    ats.enable();
    ats.enableQueue();
    ats.unit.connect(new SilentFunctions());
    DeviceTlbInvalidate forget = DeviceTlbInvalidate.pages(SOURCE, 0x5000, 0);
    ats.unit.attach(observer);
    ats.submit(forget);
    ats.unit.invalidationCompleted(SOURCE, 1, 1);
    ats.unit.connect(DownstreamPort.unplugged());
    ats.write(QueueRegisters.IQT, 32);

    InvalidateRequest request = new InvalidateRequest(0, PasidPrefix.NONE, 0x5000, false);
    assertThat(events)
        .startsWith(
            new UnitEvent.DeviceTlbInvalidationSent(SOURCE, request),
            new UnitEvent.DescriptorExecuted(forget),
            new UnitEvent.RegisterWritten(0x88, 8, 16),
            new UnitEvent.DeviceTlbInvalidated(SOURCE, 0));
    ats.store(TestUnit.QUEUE + 16, forget.lo(), forget.hi());
    ats.write(FaultRegisters.FSTS, 0x70);
    assertThat(events).contains(new UnitEvent.DeviceTlbTimedOut(SOURCE, 0));
    assertThat(ats.unit.statistics().ats()).isEqualTo(new Statistics.Ats(2, 1, 0, 0, 0));
  }

  /// Functions that hear everything and say nothing.
  private static final class SilentFunctions implements DownstreamPort {
    @Override
    public boolean invalidate(int requesterId, InvalidateRequest request) {
      return true;
    }

    @Override
    public void respond(int requesterId, PageResponse response) {}
  }

  @Test
  void anObserverSeesPageRequestsAndAnswers() {
    TestUnit prs =
        new TestUnit(
            UnitConfiguration.builder()
                .with(Feature.SCALABLE_MODE, Feature.DEVICE_TLBS, Feature.PAGE_REQUESTS)
                .build());
    PageRequest request = new PageRequest(PasidPrefix.NONE, 0x5000, 3, true, false, true);
    prs.unit.attach(observer);
    prs.unit.requestPage(SOURCE, request);
    assertThat(events)
        .containsExactly(
            new UnitEvent.PageRequestRefused(SOURCE, request),
            new UnitEvent.PageResponded(
                SOURCE, new PageResponse(PasidPrefix.NONE, 3, PageResponse.INVALID_REQUEST)));
    assertThat(prs.unit.statistics().ats()).isEqualTo(new Statistics.Ats(0, 0, 0, 1, 1));
  }

  @Test
  void interruptsPassWithoutInterruptRemapping() {
    test.unit.attach(observer);
    List<TestUnit.Message> out = new ArrayList<>();
    test.unit.interrupt(
        SOURCE,
        0xfee0_1000L,
        0x41,
        (address, data) -> out.add(new TestUnit.Message(address, data)));
    assertThat(out).containsExactly(new TestUnit.Message(0xfee0_1000L, 0x41));
    assertThat(events)
        .containsExactly(
            new UnitEvent.Interrupted(SOURCE, 0xfee0_1000L, 0x41, new InterruptOutcome.Passed()));
  }
}
