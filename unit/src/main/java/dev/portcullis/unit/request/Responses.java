package dev.portcullis.unit.request;

import dev.portcullis.pci.Completion;
import dev.portcullis.spec.fault.FaultReason;

/// What a device sees of a request that cannot be carried out for a reason.
///
/// @vtd 7.1.3 Fault Conditions and Remapping Hardware Behavior for Various Requests
public final class Responses {
  private Responses() {}

  /// The answer to a request of `kind` that fails for `reason`. A translation request succeeds,
  /// without rights, where the device can do something about the reason.
  public static Completion to(RequestKind kind, FaultReason reason) {
    return switch (kind) {
      case UNTRANSLATED, PAGE -> Completion.UNSUPPORTED_REQUEST;
      case TRANSLATION -> toTranslation(reason);
      case TRANSLATED -> toTranslated(reason);
    };
  }

  private static Completion toTranslation(FaultReason reason) {
    return switch (reason) {
      case ROOT_NOT_PRESENT,
          CONTEXT_NOT_PRESENT,
          TRANSLATION_TYPE_BLOCKS,
          PASID_IN_LEGACY_MODE,
          ABORT_MODE,
          EXECUTE_REQUEST,
          SCALABLE_ROOT_NOT_PRESENT,
          SCALABLE_CONTEXT_NOT_PRESENT,
          DEVICE_TLB_DISABLED,
          PASID_DISABLED,
          PASID_BEYOND_DIRECTORY,
          PASID_IS_REQUESTERS_OWN,
          PASID_BEYOND_WIDTH ->
          Completion.UNSUPPORTED_REQUEST;
      case CONTEXT_INVALID,
          PAGING_ENTRY_FETCH_FAILED,
          ROOT_FETCH_FAILED,
          CONTEXT_FETCH_FAILED,
          ROOT_RESERVED_BITS,
          CONTEXT_RESERVED_BITS,
          PAGING_ENTRY_RESERVED_BITS,
          OUTPUT_IN_INTERRUPT_RANGE,
          TABLE_MODE_INVALID,
          SCALABLE_ROOT_FETCH_FAILED,
          SCALABLE_ROOT_RESERVED_BITS,
          SCALABLE_CONTEXT_FETCH_FAILED,
          SCALABLE_CONTEXT_RESERVED_BITS,
          SCALABLE_CONTEXT_INVALID,
          PASID_DIRECTORY_FETCH_FAILED,
          PASID_DIRECTORY_RESERVED_BITS,
          PASID_FETCH_FAILED,
          PASID_RESERVED_BITS,
          PASID_INVALID,
          SECOND_STAGE_FETCH_FAILED,
          SECOND_STAGE_RESERVED_BITS,
          SECOND_STAGE_TOP_FETCH_FAILED,
          SECOND_STAGE_UPDATE_NOT_SNOOPED,
          SECOND_STAGE_UPDATE_FAILED,
          SCALABLE_OUTPUT_IN_INTERRUPT_RANGE ->
          Completion.COMPLETER_ABORT;
      default -> Completion.SUCCESS;
    };
  }

  private static Completion toTranslated(FaultReason reason) {
    return switch (reason) {
      case PASID_DIRECTORY_FETCH_FAILED,
          PASID_DIRECTORY_RESERVED_BITS,
          PASID_FETCH_FAILED,
          PASID_RESERVED_BITS,
          PASID_INVALID,
          HOST_PERMISSION_FETCH_FAILED,
          HOST_PERMISSION_RESERVED_BITS,
          HOST_PERMISSION_TOP_FETCH_FAILED ->
          Completion.COMPLETER_ABORT;
      default -> Completion.UNSUPPORTED_REQUEST;
    };
  }
}
