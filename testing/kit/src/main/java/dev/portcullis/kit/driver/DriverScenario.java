package dev.portcullis.kit.driver;

import static dev.portcullis.kit.driver.DriverSteps.IOVA;
import static dev.portcullis.kit.driver.DriverSteps.LARGE;
import static dev.portcullis.kit.driver.DriverSteps.PAGE;
import static dev.portcullis.kit.driver.DriverSteps.attached;
import static dev.portcullis.kit.driver.DriverSteps.hasTables;
import static dev.portcullis.kit.driver.DriverSteps.mapAndUnmap;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.device.Device;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.device.DeviceFeatures.PageRequests;
import dev.portcullis.driver.discovery.UnitTraits;
import dev.portcullis.driver.dma.DmaMapper.Flushing;
import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.domain.PagingDomain.Snoop;
import dev.portcullis.driver.fault.FaultRecord;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.spec.register.Feature;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// What a driver does with a unit, and what devices then reach. Each runs on any unit that has what
/// it needs; one that fails throws an `AssertionError` that says what was expected.
///
/// ```java
/// DrivenUnit unit = new DrivenUnit(platform, DriverOptions.DEFAULT, 0x0018);
/// if (scenario.suits(unit.driver().traits())) {
///   scenario.run(unit);
/// }
/// ```
public enum DriverScenario {
  WITHOUT_A_DOMAIN_A_DEVICE_IS_BLOCKED(
      traits -> true,
      unit -> {
        unit.isBlocked(IOVA, unit.page());
        unit.device();
        unit.isBlocked(IOVA, unit.page());
      }),

  A_MAPPED_PAGE_IS_REACHED_UNTIL_IT_IS_UNMAPPED(
      DriverSteps::hasTables, unit -> mapAndUnmap(unit, unit.driver().domains().paging())),

  THE_FIRST_STAGE_MAPS_PAGES(
      UnitTraits::hasFirstStage,
      unit -> mapAndUnmap(unit, unit.driver().domains().firstStage(4, Snoop.FORCED))),

  A_PAGE_MAY_BE_READ_ONLY(
      DriverSteps::hasTables,
      unit -> {
        PagingDomain domain = attached(unit);
        long page = unit.page();
        domain.map(IOVA, page, PAGE, Rights.READ);
        unit.mayOnlyRead(IOVA, page);
      }),

  PART_OF_A_LARGE_PAGE_CAN_BE_TAKEN_AWAY(
      DriverSteps::hasTables,
      unit -> {
        PagingDomain domain = attached(unit);
        long block = unit.platform().block(LARGE);
        domain.map(LARGE, block, LARGE, Rights.READ_WRITE);
        unit.reaches(LARGE + 3 * PAGE, block + 3 * PAGE);
        domain.unmap(LARGE + 3 * PAGE, 2 * PAGE);
        unit.reaches(LARGE + 2 * PAGE, block + 2 * PAGE);
        unit.isBlocked(LARGE + 3 * PAGE, block + 3 * PAGE);
        unit.isBlocked(LARGE + 4 * PAGE, block + 4 * PAGE);
        unit.reaches(LARGE + 5 * PAGE, block + 5 * PAGE);
      }),

  A_PAGE_CAN_BE_MAPPED_ELSEWHERE(
      DriverSteps::hasTables,
      unit -> {
        PagingDomain domain = attached(unit);
        long first = unit.page();
        long second = unit.page();
        domain.map(IOVA, first, PAGE, Rights.READ_WRITE);
        unit.reaches(IOVA, first);
        domain.unmap(IOVA, PAGE);
        domain.map(IOVA, second, PAGE, Rights.READ_WRITE);
        unit.reaches(IOVA, second);
      }),

  A_FLUSH_ENDS_WHAT_WAS_UNMAPPED_LAZILY(
      DriverSteps::hasTables,
      unit -> {
        PagingDomain domain = attached(unit);
        long page = unit.page();
        domain.map(IOVA, page, PAGE, Rights.READ_WRITE);
        unit.reaches(IOVA, page);
        domain.unmapLater(IOVA, PAGE);
        domain.flush();
        unit.isBlocked(IOVA, page);
      }),

  A_BUFFER_GETS_AN_ADDRESS(
      DriverSteps::hasTables, unit -> DriverSteps.mapBuffers(unit, Flushing.STRICT)),

  AN_ADDRESS_WAITS_FOR_THE_FLUSH(
      DriverSteps::hasTables, unit -> DriverSteps.mapBuffers(unit, Flushing.DEFERRED)),

  A_DEVICE_MOVES_FROM_DOMAIN_TO_DOMAIN(
      DriverSteps::hasTables,
      unit -> {
        PagingDomain first = unit.driver().domains().paging();
        PagingDomain second = unit.driver().domains().paging();
        long inFirst = unit.page();
        long inSecond = unit.page();
        first.map(IOVA, inFirst, PAGE, Rights.READ_WRITE);
        second.map(IOVA, inSecond, PAGE, Rights.READ_WRITE);
        unit.device().attach(first);
        unit.reaches(IOVA, inFirst);
        unit.device().attach(second);
        unit.reaches(IOVA, inSecond);
        unit.device().detach();
        unit.isBlocked(IOVA, inSecond);
        first.close();
        second.close();
      }),

  A_DEVICE_THAT_WAS_REFUSED_IS_LET_IN(
      DriverSteps::hasTables,
      unit -> {
        PagingDomain domain = unit.driver().domains().paging();
        long page = unit.page();
        domain.map(IOVA, page, PAGE, Rights.READ_WRITE);
        unit.isBlocked(IOVA, page);
        unit.device();
        unit.isBlocked(IOVA, page);
        unit.device().attach(domain);
        unit.reaches(IOVA, page);
        unit.device().detach();
        unit.isBlocked(IOVA, page);
        unit.device().attach(domain);
        unit.reaches(IOVA, page);
      }),

  PASS_THROUGH_LEAVES_ADDRESSES_ALONE(
      traits -> traits.has(Feature.PASS_THROUGH),
      unit -> {
        long page = unit.page();
        unit.device().attach(unit.driver().domains().passThrough());
        unit.reaches(page, page);
        unit.device().detach();
        unit.isBlocked(page, page);
      }),

  A_REFUSED_REQUEST_IS_IN_THE_LOG(
      DriverSteps::hasTables,
      unit -> {
        attached(unit);
        unit.driver().faults().drain(old -> {});
        unit.isBlocked(IOVA, unit.page());
        List<FaultRecord> faults = new ArrayList<>();
        unit.driver().faults().drain(faults::add);
        DrivenUnit.demand(!faults.isEmpty(), "a fault is recorded");
        FaultRecord fault = faults.get(0);
        DrivenUnit.demand(fault.sourceId() == unit.device().sourceId(), "of the device: " + fault);
        DrivenUnit.demand(fault.address() == IOVA, "for the page: " + fault);
      }),

  A_SILENCED_DEVICE_IS_BLOCKED_AND_LEAVES_NO_RECORD(
      DriverSteps::hasTables,
      unit -> {
        PagingDomain domain = attached(unit);
        long page = unit.page();
        domain.map(IOVA, page, PAGE, Rights.READ_WRITE);
        unit.reaches(IOVA, page);
        unit.device().silence();
        unit.mayNotWrite(IOVA, page);
        unit.mayNotWrite(IOVA + PAGE, page);
        DrivenUnit.demand(DriverSteps.faults(unit) == 0, "nothing is recorded");
        unit.device().attach(domain);
        unit.reaches(IOVA, page);
        unit.isBlocked(IOVA + PAGE, page);
        DrivenUnit.demand(DriverSteps.faults(unit) > 0, "its faults are recorded again");
        unit.device().silence();
        unit.driver().remove(unit.device());
        unit.isBlocked(IOVA, page);
        DrivenUnit.demand(DriverSteps.faults(unit) > 0, "a device that is forgotten is recorded");
      }),

  A_UNIT_CAN_BE_STARTED_AGAIN(
      DriverSteps::hasTables,
      unit -> {
        long page = unit.page();
        attached(unit).map(IOVA, page, PAGE, Rights.READ_WRITE);
        unit.reaches(IOVA, page);
        unit.restart();
        unit.isBlocked(IOVA, page);
        attached(unit).map(IOVA, page, PAGE, Rights.READ_WRITE);
        unit.reaches(IOVA, page);
      }),

  EACH_PASID_HAS_ITS_DOMAIN(
      traits -> hasTables(traits) && traits.pasidBits() >= 8,
      unit -> {
        Device device = unit.device(new DeviceFeatures(Optional.empty(), 8, PageRequests.OFF));
        PagingDomain own = unit.driver().domains().paging();
        PagingDomain shared = unit.driver().domains().paging();
        long inOwn = unit.page();
        long inShared = unit.page();
        own.map(IOVA, inOwn, PAGE, Rights.READ_WRITE);
        shared.map(IOVA, inShared, PAGE, Rights.READ_WRITE);
        device.attach(own);
        device.attach(7, shared);
        device.attach(200, shared);
        unit.reaches(IOVA, inOwn);
        unit.reaches(7, IOVA, inShared);
        unit.reaches(200, IOVA, inShared);
        device.detach(7);
        unit.isBlocked(7, IOVA, inShared);
        unit.reaches(200, IOVA, inShared);
        shared.unmap(IOVA, PAGE);
        unit.isBlocked(200, IOVA, inShared);
        unit.reaches(IOVA, inOwn);
      }),

  A_GUEST_HAS_ITS_OWN_TABLES(
      traits -> traits.isScalable() && traits.has(Feature.NESTED_TRANSLATION), DriverSteps::nest);

  private final Predicate<UnitTraits> needs;
  private final Steps steps;

  private interface Steps {
    void run(DrivenUnit unit) throws DriverException;
  }

  DriverScenario(Predicate<UnitTraits> needs, Steps steps) {
    this.needs = needs;
    this.steps = steps;
  }

  /// Whether a unit with `traits` has what it takes.
  public boolean suits(UnitTraits traits) {
    return needs.test(traits);
  }

  /// Brings the unit of `platform` up and runs on it, if it has what it takes.
  ///
  /// @return whether it has
  public boolean run(DrivenPlatform platform, DriverOptions options, int sourceId)
      throws DriverException {
    DrivenUnit unit = new DrivenUnit(platform, options, sourceId);
    boolean suits = suits(unit.driver().traits());
    if (suits) {
      steps.run(unit);
    }
    unit.driver().shutDown();
    return suits;
  }
}
