package dev.portcullis.unit;

import static dev.portcullis.unit.TestUnit.READ_WRITE;
import static dev.portcullis.unit.TestUnit.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.spec.descriptor.InvalidationWait;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.QueueError;
import dev.portcullis.spec.register.QueueRegisters;
import dev.portcullis.unit.observe.InterruptOutcome;
import dev.portcullis.unit.observe.UnitEvent;
import dev.portcullis.unit.observe.UnitObserver;
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
            new UnitEvent.Translated(SOURCE, 0x5008, Request.READ, 0x40_0008),
            new UnitEvent.Refused(
                SOURCE, 0x7000, Request.WRITE, Optional.of(FaultReason.WRITE_NOT_PERMITTED)));
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
