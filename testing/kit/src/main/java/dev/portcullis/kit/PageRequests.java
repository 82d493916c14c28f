package dev.portcullis.kit;

import dev.portcullis.kit.reference.Ask;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.PageResponse;
import java.util.List;

/// The page request queue of a test machine, which software empties at once.
///
/// @vtd 11.4.11 Page Request Queue Registers
public final class PageRequests {
  private final TestMachine machine;

  PageRequests(TestMachine machine) {
    this.machine = machine;
    machine.registers().write64(Offsets.PQA, machine.page());
    machine.registers().write64(Offsets.PQH, machine.registers().read64(Offsets.PQT));
  }

  /// Asks for a page, the last of its group.
  ///
  /// @return success if the request is in the queue, else that it was answered with refusal
  public Outcome make(Ask ask) {
    long before = machine.registers().read64(Offsets.PQT);
    machine.functions().take();
    machine
        .unit()
        .requestPage(
            ask.sourceId(),
            new PageRequest(ask.prefix(), ask.address() & -4096L, 0, true, false, true));
    long after = machine.registers().read64(Offsets.PQT);
    List<PageResponse> answers = machine.functions().takeAnswers();
    if (after != before) {
      machine.registers().write64(Offsets.PQH, after);
      return Outcome.QUEUED;
    }
    if (answers.size() != 1 || answers.getFirst().code() != PageResponse.INVALID_REQUEST) {
      throw new AssertionError("neither queued nor refused: " + answers);
    }
    return Outcome.REFUSED;
  }
}
