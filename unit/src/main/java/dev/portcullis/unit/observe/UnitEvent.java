package dev.portcullis.unit.observe;

import dev.portcullis.spec.descriptor.InvalidationDescriptor;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.QueueError;
import dev.portcullis.unit.request.Request;
import java.util.Optional;

/// Something a unit did.
public sealed interface UnitEvent {

  /// A request was let through, to host physical address `hpa`.
  record Translated(int sourceId, long iova, Request request, long hpa) implements UnitEvent {}

  /// A request was refused; without a reason where the architecture records none.
  record Refused(int sourceId, long iova, Request request, Optional<FaultReason> reason)
      implements UnitEvent {}

  /// An interrupt request passed.
  record Interrupted(int sourceId, long address, int data) implements UnitEvent {}

  /// Software wrote `widthBytes` bytes at `offset` of the register window; the unit has obeyed.
  record RegisterWritten(long offset, int widthBytes, long value) implements UnitEvent {}

  /// The queue carried out a descriptor.
  record DescriptorExecuted(InvalidationDescriptor.Valid descriptor) implements UnitEvent {}

  /// The queue stopped at byte `head`.
  record QueueStopped(long head, QueueError error) implements UnitEvent {}

  /// The unit is as after power-on.
  record Reset() implements UnitEvent {}
}
