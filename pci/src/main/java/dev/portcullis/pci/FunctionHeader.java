package dev.portcullis.pci;

import static dev.portcullis.pci.ConfigRegisters.CACHE_LINE_SIZE;
import static dev.portcullis.pci.ConfigRegisters.CLASS_CODE;
import static dev.portcullis.pci.ConfigRegisters.COMMAND;
import static dev.portcullis.pci.ConfigRegisters.DEVICE_ID;
import static dev.portcullis.pci.ConfigRegisters.INTERRUPT_LINE;
import static dev.portcullis.pci.ConfigRegisters.INTERRUPT_PIN;
import static dev.portcullis.pci.ConfigRegisters.REVISION_ID;
import static dev.portcullis.pci.ConfigRegisters.STATUS;
import static dev.portcullis.pci.ConfigRegisters.SUBSYSTEM_ID;
import static dev.portcullis.pci.ConfigRegisters.SUBSYSTEM_VENDOR_ID;
import static dev.portcullis.pci.ConfigRegisters.VENDOR_ID;

/// What a function says of itself in its configuration header.
///
/// @param id who made it and what it is
/// @param classCode base class in [23:16], sub-class in [15:8], programming interface in [7:0]
/// @param revision 0 to 255
/// @param subsystem the board it sits on
/// @param pin the legacy interrupt pin it uses
/// @pcie 7.5.1 PCI-Compatible Configuration Registers
public record FunctionHeader(Id id, int classCode, int revision, Id subsystem, Pin pin) {

  /// A vendor, and a number that vendor gave; 16 bits each.
  public record Id(int vendor, int device) {
    public Id {
      if ((vendor & ~0xffff) != 0 || (device & ~0xffff) != 0) {
        throw new IllegalArgumentException("ids have 16 bits");
      }
    }
  }

  /// Legacy interrupt pins; the ordinal is what the register holds.
  public enum Pin {
    NONE,
    A,
    B,
    C,
    D
  }

  public FunctionHeader {
    if ((classCode & ~0xffffff) != 0 || (revision & ~0xff) != 0) {
      throw new IllegalArgumentException("class code has 24 bits, revision 8");
    }
  }

  /// A function of this vendor and device number: of no class, revision 0, without a pin, on a
  /// board of the same ids.
  public static FunctionHeader of(int vendor, int device) {
    Id id = new Id(vendor, device);
    return new FunctionHeader(id, 0, 0, id, Pin.NONE);
  }

  public FunctionHeader withClass(int code) {
    return new FunctionHeader(id, code, revision, subsystem, pin);
  }

  public FunctionHeader withRevision(int number) {
    return new FunctionHeader(id, classCode, number, subsystem, pin);
  }

  public FunctionHeader withSubsystem(int vendor, int device) {
    return new FunctionHeader(id, classCode, revision, new Id(vendor, device), pin);
  }

  public FunctionHeader withPin(Pin used) {
    return new FunctionHeader(id, classCode, revision, subsystem, used);
  }

  /// Lays the header out in `config`, a type 0 header of a single function.
  void declareIn(ConfigSpace config) {
    config.put(VENDOR_ID, 2, id.vendor());
    config.put(DEVICE_ID, 2, id.device());
    config.put(REVISION_ID, 1, revision);
    config.put(CLASS_CODE, 3, classCode);
    config.put(SUBSYSTEM_VENDOR_ID, 2, subsystem.vendor());
    config.put(SUBSYSTEM_ID, 2, subsystem.device());
    config.put(INTERRUPT_PIN, 1, pin.ordinal());
    config.allowWrites(COMMAND, 2, ConfigRegisters.COMMAND_WRITABLE);
    config.clearByOne(STATUS, 2, ConfigRegisters.STATUS_CLEARED_BY_ONE);
    config.allowWrites(CACHE_LINE_SIZE, 1, 0xff);
    config.allowWrites(INTERRUPT_LINE, 1, 0xff);
  }
}
