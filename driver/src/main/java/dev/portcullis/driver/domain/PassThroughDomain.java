package dev.portcullis.driver.domain;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.spec.table.ContextEntry;
import dev.portcullis.spec.table.PasidEntry;
import java.util.Optional;

/// Addresses are physical.
public final class PassThroughDomain extends Domain {

  PassThroughDomain(UnitServices unit) throws DriverException {
    super(unit);
  }

  /// With pass-through, a device asks for no translations: legacy mode cannot allow it.
  @Override
  public ContextEntry contextEntry(Optional<DeviceTlb> deviceTlb) {
    int levels = unit.traits().mostSecondStageLevels();
    return ContextEntry.present(ContextEntry.TT_PASS_THROUGH, 0, levels, id());
  }

  @Override
  public PasidEntry pasidEntry() {
    return snooped(PasidEntry.passThrough(id()));
  }
}
