package dev.portcullis.conformance;

import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.queue.Descriptor.Hint;
import dev.portcullis.kit.table.Context;
import dev.portcullis.kit.table.Domain;
import dev.portcullis.kit.table.Paging;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.request.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Caching mode: software invalidates whenever it adds something, and then the unit sees it. This
/// unit does not see it before, so that software which forgets is found out.
class CachingModeConformanceTest {
  private static final long X = 0x12_3456_7000L;
  private static final long PAGE = 0x1_0000_0000L;
  private static final int DID = 5;

  /// The domain-id of entries that were found faulting.
  private static final int NOBODY = 0;

  private final TestMachine machine =
      TestMachine.withUnit(builder -> builder.with(Feature.CACHING_MODE)).translating();
  private final TestDevice device = machine.device("00:03.0");

  private Expect read() {
    return Expect.of(machine, device, Request.READ, X);
  }

  @Test
  @Covers("register CAP.CM")
  void aNewRootEntryIsSeenAfterAGlobalInvalidation() {
    read().fault(0x01);
    device.map(X, PAGE);
    machine.invalidate().contextGlobal();
    machine.invalidate().iotlbGlobal();
    read().at(PAGE);
  }

  @Test
  @Covers({"register CAP.CM", "descriptor 1h"})
  void aNewContextEntryIsSeenAfterInvalidatingTheDeviceInDomainZero() {
    device.contextAddress();
    read().fault(0x02);
    device.attach(machine.domain(DID, 4).map(X, PAGE));
    machine.invalidate().contextDevice(NOBODY, device.sourceId(), 0);
    machine.invalidate().iotlbDomain(DID);
    read().at(PAGE);
  }

  @Test
  @Covers("register CAP.CM")
  void aMendedContextEntryIsSeenAfterInvalidatingDomainZero() {
    device.attach(machine.domain(DID, 4).map(X, PAGE));
    device.changeContext(entry -> entry.with(71));
    read().fault(0x0b);
    device.changeContext(entry -> entry.without(71));
    machine.invalidate().contextDomain(NOBODY);
    machine.invalidate().iotlbDomain(DID);
    read().at(PAGE);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  @Covers({"register CAP.CM", "descriptor 2h"})
  void aNewPagingEntryIsSeenAfterInvalidatingThePage(int level) {
    Domain domain = machine.domain(DID, 4).map(X, PAGE);
    long entry = domain.entry(X, level);
    domain.entry(X, level, 0);
    device.attach(domain);
    read().fault(0x06);
    domain.entry(X, level, entry);
    machine.invalidate().iotlbPages(DID, X, 0, Hint.ANY_ENTRY);
    read().at(PAGE);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void aMendedPagingEntryIsSeenAfterInvalidatingThePage(int level) {
    Domain domain = machine.domain(DID, 4).map(X, PAGE);
    long entry = domain.entry(X, level);
    domain.entry(X, level, entry | Paging.BIT_62);
    device.attach(domain);
    read().fault(0x0c);
    domain.entry(X, level, entry);
    machine.invalidate().iotlbPages(DID, X, 0, Hint.ANY_ENTRY);
    read().at(PAGE);
  }

  @Test
  void everyFaultIsRecordedWhetherOrNotItsCauseIsCached() {
    device.attach(machine.domain(DID, 4));
    read().fault(0x06);
    read().fault(0x06);
    Expect.of(machine, device, Request.WRITE, X).fault(0x05);
    device.changeContext(entry -> entry.without(Context.P));
    machine.invalidate().everything();
    read().fault(0x02);
    read().fault(0x02);
  }

  @Test
  @Covers("register CAP.CM")
  void aMissingContextEntryStaysMissingUntilSoftwareInvalidates() {
    device.contextAddress();
    read().fault(0x02);
    device.attach(machine.domain(DID, 4).map(X, PAGE));
    read().fault(0x02);
    machine.invalidate().contextDevice(DID, device.sourceId(), 0);
    read().fault(0x02);
    machine.invalidate().contextDevice(NOBODY, device.sourceId(), 0);
    read().at(PAGE);
  }

  @Test
  @Covers("register CAP.CM")
  void aMissingPageStaysMissingUntilSoftwareInvalidates() {
    device.attach(machine.domain(DID, 4).map(X, 0, 0));
    read().fault(0x06);
    device.map(X, PAGE);
    read().fault(0x06);
    machine.invalidate().iotlbPages(DID, X + 4096, 0, Hint.ANY_ENTRY);
    read().fault(0x06);
    machine.invalidate().iotlbPages(DID, X, 0, Hint.LEAF_ONLY);
    read().at(PAGE);
  }
}
