package dev.portcullis.machine.wiring;

import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.unit.request.Request;
import java.util.Optional;

/// A request that a unit refused.
///
/// @param requester who made it
/// @param iova what for: the address as the device knows it
/// @param request what it wanted there
/// @param reason why it was refused; empty where the architecture records none
public record BlockedRequest(
    RequesterId requester, long iova, Request request, Optional<FaultReason> reason) {

  /// `00:06.0 write at 0x1000: …`, in words.
  @Override
  public String toString() {
    return "%s %s at %#x: %s"
        .formatted(
            requester,
            request.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '),
            iova,
            reason
                .map(why -> "reason %02xh, %s".formatted(why.code(), why.description()))
                .orElse("refused without a recorded reason"));
  }
}
