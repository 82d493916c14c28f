package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.Outcome;
import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.fault.FaultRecord;
import dev.portcullis.unit.request.Request;

/// What tests expect of a request, in words.
final class Expect {
  private final TestMachine machine;
  private final TestDevice device;
  private final Request request;
  private final long iova;

  private Expect(TestMachine machine, TestDevice device, Request request, long iova) {
    this.machine = machine;
    this.device = device;
    this.request = request;
    this.iova = iova;
  }

  /// A request to be made.
  static Expect of(TestMachine machine, TestDevice device, Request request, long iova) {
    return new Expect(machine, device, request, iova);
  }

  /// Made now, it is refused, and the log gets this one record.
  void fault(int reason) {
    assertThat(device.request(request, iova)).isEqualTo(Outcome.REFUSED);
    assertThat(machine.faults().take()).containsExactly(record(reason));
  }

  /// Made now, it is refused, and the log gets nothing.
  void silence() {
    assertThat(device.request(request, iova)).isEqualTo(Outcome.REFUSED);
    assertThat(machine.faults().take()).isEmpty();
  }

  /// Made now, it goes to `hpa`, and the log gets nothing.
  void at(long hpa) {
    assertThat(device.request(request, iova)).isEqualTo(Outcome.at(hpa));
    assertThat(machine.faults().take()).isEmpty();
  }

  private FaultRecord record(int reason) {
    if (reason == 0x29) {
      return FaultRecord.interrupt(reason, device.sourceId());
    }
    int width = 12 + 9 * machine.facts().mostLevels();
    return new FaultRecord(
        reason, device.sourceId(), iova & -4096L & ~(-1L << width), typeOf(request));
  }

  static FaultRecord.Type typeOf(Request request) {
    return switch (request) {
      case READ, ZERO_LENGTH_READ -> FaultRecord.Type.READ;
      case WRITE -> FaultRecord.Type.WRITE;
      case ATOMIC -> FaultRecord.Type.ATOMIC;
    };
  }
}
