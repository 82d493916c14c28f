package dev.portcullis.driver.domain;

import dev.portcullis.driver.discovery.UnitTraits;
import dev.portcullis.driver.domain.PagingDomain.Snoop;
import dev.portcullis.driver.domain.PagingDomain.Stage;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.table.PageTables;
import dev.portcullis.driver.table.PagingFormat;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.table.SecondStageEntry;

/// Makes domains, as far as the unit has them.
public final class Domains {
  private final UnitServices unit;
  private final UnitTraits traits;

  public Domains(UnitServices unit) {
    this.unit = unit;
    this.traits = unit.traits();
  }

  /// An empty domain of the stage that suits the unit: the second, if it has one.
  public PagingDomain paging() throws DriverException {
    return traits.hasSecondStage()
        ? secondStage(traits.secondStageLevels(), Snoop.AS_REQUESTED)
        : firstStage(4, Snoop.AS_REQUESTED);
  }

  /// An empty domain.
  ///
  /// @param levels of its tables: 3 to 5
  public PagingDomain secondStage(int levels, Snoop snoop) throws DriverException {
    demand(
        traits.hasSecondStage() && traits.capabilities().capability().supportsLevels(levels),
        "second-stage tables of " + levels + " levels");
    long pageBits = controls(snoop) ? SecondStageEntry.SNP.mask() : 0;
    return paging(
        Stage.SECOND,
        snoop,
        PagingFormat.secondStage(
            levels, traits.secondStagePageLevel(), traits.secondStageBits(levels), pageBits));
  }

  /// An empty domain.
  ///
  /// @param levels of its tables: 4 or 5
  public PagingDomain firstStage(int levels, Snoop snoop) throws DriverException {
    demand(
        traits.hasFirstStage() && hasFirstStageLevels(levels),
        "first-stage tables of " + levels + " levels");
    return paging(
        Stage.FIRST, snoop, PagingFormat.firstStage(levels, traits.firstStagePageLevel()));
  }

  private PagingDomain paging(Stage stage, Snoop snoop, PagingFormat format)
      throws DriverException {
    PageTables tables = new PageTables(unit.paging(), format);
    try {
      return new PagingDomain(unit, stage, snoop, tables);
    } catch (DriverException e) {
      tables.freeAll();
      throw e;
    }
  }

  /// A domain whose first-stage tables a guest writes.
  ///
  /// @param outer second-stage domain that translates the guest's physical addresses
  /// @param guestTables guest physical address of the guest's top table
  /// @param guestLevels 4 or 5
  public NestedDomain nested(PagingDomain outer, long guestTables, int guestLevels)
      throws DriverException {
    demand(
        traits.isScalable()
            && traits.has(Feature.NESTED_TRANSLATION)
            && hasFirstStageLevels(guestLevels),
        "nested translation of " + guestLevels + " levels");
    if (outer.stage() != Stage.SECOND) {
      throw new IllegalArgumentException("nesting needs a second stage outside");
    }
    return new NestedDomain(unit, outer, guestTables, guestLevels);
  }

  /// A domain whose addresses are physical.
  public PassThroughDomain passThrough() throws DriverException {
    demand(traits.has(Feature.PASS_THROUGH), "pass-through");
    return new PassThroughDomain(unit);
  }

  private boolean hasFirstStageLevels(int levels) {
    return levels == 4 || levels == 5 && traits.has(Feature.FIRST_STAGE_5_LEVELS);
  }

  private boolean controls(Snoop snoop) {
    return snoop == Snoop.FORCED && traits.has(Feature.SNOOP_CONTROL);
  }

  private void demand(boolean has, String what) throws DriverException {
    if (!has) {
      throw new DriverException(
          DriverException.Reason.UNSUPPORTED,
          "the unit has no %s in %s mode".formatted(what, traits.mode()));
    }
  }
}
