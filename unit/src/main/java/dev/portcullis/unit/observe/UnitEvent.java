package dev.portcullis.unit.observe;

import dev.portcullis.pci.InvalidateRequest;
import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.PageResponse;
import dev.portcullis.spec.descriptor.InvalidationDescriptor;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.QueueError;
import dev.portcullis.unit.request.PageUse;
import dev.portcullis.unit.request.Request;
import dev.portcullis.unit.request.RequestKind;
import java.util.Optional;

/// Something a unit did.
public sealed interface UnitEvent {

  /// What is asked for.
  ///
  /// @param prefix its [dev.portcullis.pci.PasidPrefix], or none
  record Asked(int sourceId, int prefix, RequestKind kind, long address, Request request) {
    /// An untranslated request without PASID.
    public static Asked plainly(int sourceId, long iova, Request request) {
      return new Asked(sourceId, 0, RequestKind.UNTRANSLATED, iova, request);
    }
  }

  /// A request was let through, to host physical address `hpa`; its memory is accessed as `use`
  /// says.
  record Translated(Asked asked, long hpa, PageUse use) implements UnitEvent {}

  /// A translation request was answered with `entry`, see [dev.portcullis.pci.AtsEntry].
  record TranslationGiven(Asked asked, long entry) implements UnitEvent {}

  /// A request was refused; without a reason where the architecture records none.
  record Refused(Asked asked, Optional<FaultReason> reason) implements UnitEvent {}

  /// An interrupt request, a write of `data` to `address`, and what came of it.
  record Interrupted(int sourceId, long address, int data, InterruptOutcome outcome)
      implements UnitEvent {}

  /// Software wrote `widthBytes` bytes at `offset` of the register window; the unit has obeyed.
  record RegisterWritten(long offset, int widthBytes, long value) implements UnitEvent {}

  /// The queue carried out a descriptor.
  record DescriptorExecuted(InvalidationDescriptor.Valid descriptor) implements UnitEvent {}

  /// The queue stopped at byte `head`.
  record QueueStopped(long head, QueueError error) implements UnitEvent {}

  /// A device was asked to forget translations.
  record DeviceTlbInvalidationSent(int sourceId, InvalidateRequest request) implements UnitEvent {}

  /// A device has forgotten what it was asked to with `tag`.
  record DeviceTlbInvalidated(int sourceId, int tag) implements UnitEvent {}

  /// A device did not answer in time what it was asked with `tag`.
  record DeviceTlbTimedOut(int sourceId, int tag) implements UnitEvent {}

  /// A page request is in its queue.
  record PageRequested(int sourceId, PageRequest request) implements UnitEvent {}

  /// A page request is not in its queue: the tables forbid it, or there was no room.
  record PageRequestRefused(int sourceId, PageRequest request) implements UnitEvent {}

  /// A group of page requests was answered, by software or in its place.
  record PageResponded(int requesterId, PageResponse response) implements UnitEvent {}

  /// The unit is as after power-on.
  record Reset() implements UnitEvent {}
}
