package dev.portcullis.unit.command;

import static dev.portcullis.spec.register.CommandRegisters.ALLOCATE_PASID;
import static dev.portcullis.spec.register.CommandRegisters.CMD;
import static dev.portcullis.spec.register.CommandRegisters.FPS;
import static dev.portcullis.spec.register.CommandRegisters.FREE_PASID;
import static dev.portcullis.spec.register.CommandRegisters.NS;
import static dev.portcullis.spec.register.CommandRegisters.PAS;
import static dev.portcullis.spec.register.CommandRegisters.PASID;
import static dev.portcullis.spec.register.CommandRegisters.SC;
import static dev.portcullis.spec.register.CommandRegisters.SPECIFIC;
import static dev.portcullis.spec.register.CommandRegisters.SUCCESS;
import static dev.portcullis.spec.register.CommandRegisters.UNDEFINED;
import static dev.portcullis.spec.register.CommandRegisters.VCMD;
import static dev.portcullis.spec.register.CommandRegisters.VCRSP;
import static dev.portcullis.spec.register.CommandRegisters.VIRTUAL_NULL;

import dev.portcullis.spec.BitField;
import dev.portcullis.spec.register.ExtendedCapability;
import dev.portcullis.unit.register.Cell;
import dev.portcullis.unit.register.RegisterFile;
import java.util.BitSet;

/// Carries out virtual commands, by which an emulated unit hands out PASIDs. PASID 0 is not among
/// them: requests without PASID use it. A command has ended when the write that started it has.
///
/// @vtd 11.4.15 Virtual Command Registers
public final class VirtualCommands {
  private final RegisterFile file;
  private final Cell response;
  private final BitSet taken = new BitSet();
  private final int pasids;

  public VirtualCommands(RegisterFile file) {
    this.file = file;
    this.response = file.cell(VCRSP);
    this.pasids = 1 << ExtendedCapability.PSS.intOf(file.capabilities().extended().word()) + 1;
    file.cell(VCMD).onCommand(CMD, (before, after, written) -> obey(after));
    reset();
  }

  /// Takes every PASID back.
  public void reset() {
    taken.clear();
    taken.set(0);
  }

  private void obey(long command) {
    long answer =
        switch (CMD.intOf(command)) {
          case VIRTUAL_NULL -> has(NS) ? SC.encode(SUCCESS) : SC.encode(UNDEFINED);
          case ALLOCATE_PASID -> has(PAS) ? allocate() : SC.encode(UNDEFINED);
          case FREE_PASID -> has(FPS) ? free(PASID.intOf(command)) : SC.encode(UNDEFINED);
          default -> SC.encode(UNDEFINED);
        };
    synchronized (file) {
      response.set(answer);
    }
  }

  private boolean has(BitField command) {
    return command.isSet(file.features().virtualCommands());
  }

  private long allocate() {
    int pasid = taken.nextClearBit(0);
    if (pasid >= pasids) {
      return SC.encode(SPECIFIC);
    }
    taken.set(pasid);
    return PASID.encode(pasid) | SC.encode(SUCCESS);
  }

  private long free(int pasid) {
    if (pasid == 0 || !taken.get(pasid)) {
      return SC.encode(SPECIFIC);
    }
    taken.clear(pasid);
    return SC.encode(SUCCESS);
  }
}
