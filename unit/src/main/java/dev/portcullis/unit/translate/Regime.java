package dev.portcullis.unit.translate;

import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.TableMode;
import dev.portcullis.unit.protect.ProtectedRegions;

/// The switches a request meets, as they are at one moment. Immutable: a command makes a new one.
public final class Regime {
  /// After power-on: nothing is translated.
  public static final Regime POWER_ON =
      new Regime(false, new RootPointer(0, TableMode.LEGACY, false, true), null, false, Watch.NONE);

  /// Nothing stands between a request and the caches.
  final boolean direct;

  /// Translation is on (TES).
  final boolean translating;

  /// What the last SRTP latched.
  final RootPointer root;

  /// Protected memory in force, or null.
  final ProtectedRegions protection;

  /// Interrupts are remapped (IRES).
  final boolean remapping;

  /// Who wants to see each request.
  final Watch watch;

  /// Who looks at requests.
  ///
  /// @param observed observers are told of each
  /// @param monitored counters count each
  record Watch(boolean observed, boolean monitored) {
    static final Watch NONE = new Watch(false, false);
  }

  /// What the root table address register says when it is latched.
  ///
  /// @param table root table: host physical
  /// @param mode what the tables are
  /// @param ioRights whether second-stage rights are in IR and IW (SSIRWE)
  /// @param isOffered whether the unit has the mode
  /// @vtd 11.4.6 Root Table Address Register
  public record RootPointer(long table, TableMode mode, boolean ioRights, boolean isOffered) {

    static RootPointer of(long table, TableMode mode, boolean ioRights, Capabilities capabilities) {
      boolean offered =
          switch (mode) {
            case LEGACY -> true;
            case SCALABLE -> capabilities.has(Feature.SCALABLE_MODE);
            case ABORT -> capabilities.has(Feature.ABORT_DMA_MODE);
            case RESERVED -> false;
          };
      return new RootPointer(table, mode, ioRights, offered);
    }

    /// Whether tables are read.
    boolean isUsable() {
      return isOffered && (mode == TableMode.SCALABLE || mode == TableMode.LEGACY && !ioRights);
    }

    /// Whether what was cached of the tables of `other` may be of use.
    boolean isLike(RootPointer other) {
      return mode == other.mode && ioRights == other.ioRights;
    }
  }

  private Regime(
      boolean translating,
      RootPointer root,
      ProtectedRegions protection,
      boolean remapping,
      Watch watch) {
    this.translating = translating;
    this.root = root;
    this.protection = protection;
    this.remapping = remapping;
    this.watch = watch;
    this.direct = translating && root.isUsable() && protection == null && watch.equals(Watch.NONE);
  }

  Regime translating(boolean on) {
    return new Regime(on, root, protection, remapping, watch);
  }

  Regime root(RootPointer pointer) {
    return new Regime(translating, pointer, protection, remapping, watch);
  }

  Regime protection(ProtectedRegions regions) {
    return new Regime(translating, root, regions, remapping, watch);
  }

  Regime remapping(boolean on) {
    return new Regime(translating, root, protection, on, watch);
  }

  Regime observed(boolean on) {
    Watch changed = new Watch(on, watch.monitored);
    return new Regime(translating, root, protection, remapping, changed);
  }

  Regime monitored(boolean on) {
    Watch changed = new Watch(watch.observed, on);
    return new Regime(translating, root, protection, remapping, changed);
  }
}
