package dev.portcullis.driver.command;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.RegisterPort;
import dev.portcullis.spec.register.EventRegisters;

/// The interrupt that a unit raises for one kind of event: faults, completed waits, page requests.
/// It is never remapped.
///
/// @vtd 7.3 Fault Event Registers
public final class EventInterrupt {
  private final RegisterPort registers;
  private final EventRegisters event;

  public EventInterrupt(RegisterPort registers, EventRegisters event) {
    this.registers = registers;
    this.event = event;
  }

  /// Sends `data` to `address` from now on, and at once if an event is pending.
  ///
  /// @param address of the message: FEEx_xxxxh, and the destination's upper bits in its upper half
  /// @param data of the message: its low 16 bits
  public void enable(long address, int data) throws DriverException {
    registers.write32(event.data().offset(), data);
    registers.write32(event.address().offset(), (int) address);
    registers.write32(event.upperAddress().offset(), (int) (address >>> 32));
    control(0);
  }

  /// Raises nothing from now on; what happens is remembered.
  public void mask() throws DriverException {
    control((int) EventRegisters.IM.mask());
  }

  /// Raises again, and at once if an event is pending.
  public void unmask() throws DriverException {
    control(0);
  }

  /// The read brings every message of before to its end.
  private void control(int value) throws DriverException {
    registers.write32(event.control().offset(), value);
    registers.read32(event.control().offset());
  }
}
