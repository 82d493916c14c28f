package dev.portcullis.machine;

import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.UnitDescription;
import dev.portcullis.unit.policy.TableReads;

/// What cannot be asked of software outside this process, which reaches a machine over a protocol.
public final class OutsideSoftware {
  private OutsideSoftware() {}

  /// @throws PlatformException if a unit waits for flushes, of which no protocol tells
  public static void check(MachineDescription machine) throws PlatformException {
    for (UnitDescription unit : machine.units()) {
      if (unit.configuration().tableReads() == TableReads.UNTIL_FLUSHED) {
        throw new PlatformException(
            "unit "
                + unit.id()
                + " has table-reads: until-flushed, and nobody tells it when a guest flushes its"
                + " caches: leave the key out (platforms can have it, their monitor flushes)");
      }
    }
  }
}
