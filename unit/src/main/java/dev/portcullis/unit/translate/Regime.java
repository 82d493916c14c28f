package dev.portcullis.unit.translate;

import dev.portcullis.unit.protect.ProtectedRegions;

/// The switches a request meets, as they are at one moment. Immutable: a command makes a new one.
public final class Regime {
  /// Values of TTM.
  public static final int LEGACY = 0;

  /// After power-on: nothing is translated.
  public static final Regime POWER_ON = new Regime(false, 0, LEGACY, null, false);

  /// Nothing stands between a request and the IOTLB.
  final boolean direct;

  /// Translation is on (TES).
  final boolean translating;

  /// The root table latched by the last SRTP: host physical.
  final long rootTable;

  /// The table mode latched by the last SRTP.
  final int tableMode;

  /// Protected memory in force, or null.
  final ProtectedRegions protection;

  /// Someone wants to see each request.
  final boolean observed;

  private Regime(
      boolean translating,
      long rootTable,
      int tableMode,
      ProtectedRegions protection,
      boolean observed) {
    this.translating = translating;
    this.rootTable = rootTable;
    this.tableMode = tableMode;
    this.protection = protection;
    this.observed = observed;
    this.direct = translating && tableMode == LEGACY && protection == null && !observed;
  }

  Regime translating(boolean on) {
    return new Regime(on, rootTable, tableMode, protection, observed);
  }

  Regime rootTable(long table, int mode) {
    return new Regime(translating, table, mode, protection, observed);
  }

  Regime protection(ProtectedRegions regions) {
    return new Regime(translating, rootTable, tableMode, regions, observed);
  }

  Regime observed(boolean on) {
    return new Regime(translating, rootTable, tableMode, protection, on);
  }
}
