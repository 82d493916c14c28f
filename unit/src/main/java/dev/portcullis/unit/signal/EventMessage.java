package dev.portcullis.unit.signal;

import dev.portcullis.spec.register.EventRegisters;
import dev.portcullis.unit.register.Cell;
import dev.portcullis.unit.register.RegisterFile;

/// An event's interrupt message, its mask and its pending bit. All under the register file's lock.
///
/// @vtd 7.3 Fault Event Registers
public final class EventMessage {
  private final Cell control;
  private final Cell data;
  private final Cell address;
  private final Cell upperAddress;
  private final Outbox outbox;

  /// The event that `registers` describe.
  public EventMessage(RegisterFile file, EventRegisters registers, Outbox outbox) {
    this.control = file.cell(registers.control());
    this.data = file.cell(registers.data());
    this.address = file.cell(registers.address());
    this.upperAddress = file.cell(registers.upperAddress());
    this.outbox = outbox;
    control.onWrite((before, after, written) -> sendUnlessMasked());
  }

  /// The event happens: its message goes out, now or when software lifts the mask.
  public void raise() {
    control.set(EventRegisters.IP, 1);
    sendUnlessMasked();
  }

  /// Software has seen to everything: a message still held back is void.
  public void withdraw() {
    control.set(EventRegisters.IP, 0);
  }

  private void sendUnlessMasked() {
    if (control.isSet(EventRegisters.IP) && !control.isSet(EventRegisters.IM)) {
      control.set(EventRegisters.IP, 0);
      outbox.post(upperAddress.word() << 32 | address.word(), (int) data.word());
    }
  }
}
