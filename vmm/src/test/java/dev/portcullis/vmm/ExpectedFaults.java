package dev.portcullis.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.fault.FaultEvent;
import java.util.ArrayDeque;
import java.util.Optional;

/// What must be told of refused requests: the first eight since the last were read, for which there
/// are records, in their order.
final class ExpectedFaults {
  private static final int RECORDS = 8;

  private final ArrayDeque<Expected> pending = new ArrayDeque<>();
  private int ofPartitions;
  private int ofNobody;
  private int lost;
  private int unrecorded;

  private record Expected(RequesterId function, long page, Optional<String> partition) {}

  /// A function is refused.
  void refused(RequesterId function, long page, Optional<String> partition) {
    if (pending.size() == RECORDS) {
      lost++;
    } else {
      pending.add(new Expected(function, page, partition));
    }
  }

  /// A function is refused whose faults are not recorded.
  void unrecorded() {
    unrecorded++;
  }

  /// Somebody is told.
  void told(FaultEvent.Refused fault) {
    assertThat(new Expected(fault.function(), fault.record().address(), fault.partition()))
        .isEqualTo(pending.poll());
    if (fault.partition().isPresent()) {
      ofPartitions++;
    } else {
      ofNobody++;
    }
  }

  void demandNoneLeft() {
    assertThat(pending).as("not told").isEmpty();
  }

  void demandVariety() {
    assertThat(ofPartitions).as("faults of partitions' functions").isGreaterThan(100);
    assertThat(ofNobody).as("faults of nobody's functions").isGreaterThan(100);
    assertThat(lost).as("faults without a record").isGreaterThan(20);
    assertThat(unrecorded).as("faults of stopped functions").isGreaterThan(20);
  }
}
