package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.Outcome;
import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.queue.Descriptor.Hint;
import dev.portcullis.kit.queue.Invalidator;
import dev.portcullis.kit.table.Context;
import dev.portcullis.kit.table.Domain;
import dev.portcullis.unit.request.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Context entries stay in use until the right request drops them, and no other does.
class ContextCacheConformanceTest {
  private static final int FIRST = 0x0118;
  private static final int ONE = 1;
  private static final int TWO = 2;

  /// Functions 0 to 7 of one device, the first five in domain 1 and the others in domain 2, and
  /// function 0 of another device in domain 1.
  private static final class Warm {
    private final TestMachine machine;
    private final Map<String, TestDevice> devices = new TreeMap<>();
    private long fresh = 0x1000;

    Warm(Way way) {
      machine = way.machine();
      Domain one = domain(ONE);
      Domain two = domain(TWO);
      for (int function = 0; function < 8; function++) {
        add("" + function, FIRST + function, function < 5 ? one : two);
      }
      add("other", FIRST + 8, one);
      warmUp();
      for (TestDevice device : devices.values()) {
        device.changeContext(entry -> entry.without(Context.P));
      }
    }

    private Domain domain(int id) {
      Domain domain = machine.domain(id, 4);
      for (long iova = 0; iova < 64 * 4096; iova += 4096) {
        domain.map(iova, iova + 0x10_0000);
      }
      return domain;
    }

    private void add(String name, int sourceId, Domain domain) {
      devices.put(name, machine.device(sourceId).attach(domain));
    }

    private void warmUp() {
      for (TestDevice device : devices.values()) {
        assertThat(device.read(0)).isEqualTo(Outcome.at(0x10_0000));
      }
    }

    /// Devices whose entry is still cached: a page they never used is still found.
    List<String> cached() {
      List<String> cached = new ArrayList<>();
      for (var device : devices.entrySet()) {
        fresh += 4096;
        if (device.getValue().read(fresh).completion().isSuccess()) {
          cached.add(device.getKey());
        } else {
          assertThat(machine.faults().take()).extracting("reason").containsExactly(0x02);
        }
      }
      return cached;
    }
  }

  /// What a request drops.
  record Case(String name, Consumer<Invalidator> request, String dropped) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        new Case("all", Invalidator::contextGlobal, "0 1 2 3 4 5 6 7 other"),
        new Case("domain 1", with -> with.contextDomain(ONE), "0 1 2 3 4 other"),
        new Case("domain 2", with -> with.contextDomain(TWO), "5 6 7"),
        new Case("a domain without devices", with -> with.contextDomain(9), ""),
        new Case("function 0", with -> with.contextDevice(ONE, FIRST, 0), "0"),
        new Case("function 3", with -> with.contextDevice(ONE, FIRST + 3, 0), "3"),
        new Case("function 1, bit 2 ignored", with -> with.contextDevice(TWO, FIRST + 1, 1), "5"),
        new Case(
            "function 0 in domain 1, bit 2 ignored",
            with -> with.contextDevice(ONE, FIRST + 4, 1),
            "0 4"),
        new Case(
            "function 0 in domain 1, bits 2 and 1 ignored",
            with -> with.contextDevice(ONE, FIRST + 6, 2),
            "0 2 4"),
        new Case(
            "every function in domain 1",
            with -> with.contextDevice(ONE, FIRST + 7, 3),
            "0 1 2 3 4"),
        new Case("every function in domain 2", with -> with.contextDevice(TWO, FIRST, 3), "5 6 7"),
        new Case("function 0 in the wrong domain", with -> with.contextDevice(TWO, FIRST, 0), ""),
        new Case("all of the IOTLB", Invalidator::iotlbGlobal, ""),
        new Case("domain 1 of the IOTLB", with -> with.iotlbDomain(ONE), ""),
        new Case("a page of the IOTLB", with -> with.iotlbPages(ONE, 0, 9, Hint.ANY_ENTRY), ""));
  }

  private static void check(Way way, Case one) {
    Warm warm = new Warm(way);
    assertThat(warm.cached()).hasSize(9);
    one.request.accept(warm.machine.invalidate());
    List<String> kept = new ArrayList<>(warm.devices.keySet());
    kept.removeAll(List.of(one.dropped.split(" ")));
    assertThat(warm.cached()).isEqualTo(kept);
  }

  @ParameterizedTest
  @MethodSource("cases")
  @Covers("descriptor 1h")
  void aDescriptorDropsTheEntriesItNames(Case one) {
    check(Way.QUEUE, one);
  }

  @ParameterizedTest
  @MethodSource("cases")
  @Covers({"register CCMD.CIRG", "register CCMD.DID", "register CCMD.SID", "register CCMD.FM"})
  void aRegisterRequestDropsTheEntriesItNames(Case one) {
    check(Way.REGISTERS, one);
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void aDeviceWithoutContextEntryIsRefusedOnceBothCachesAreEmpty(Way way) {
    Warm warm = new Warm(way);
    warm.machine.invalidate().everything();
    for (TestDevice device : warm.devices.values()) {
      assertThat(device.read(8)).isEqualTo(Outcome.REFUSED);
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  @Covers("register CAP.CM")
  void whatWasNotPresentIsFoundAsSoonAsItIs(Way way) {
    TestMachine machine = way.machine();
    TestDevice device = machine.device(FIRST);
    Expect.of(machine, device, Request.READ, 0).fault(0x01);
    device.contextAddress();
    Expect.of(machine, device, Request.READ, 0).fault(0x02);
    device.attach(machine.domain(ONE, 4));
    Expect.of(machine, device, Request.READ, 0).fault(0x06);
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void aBrokenEntryIsNotCached(Way way) {
    TestMachine machine = way.machine();
    TestDevice device = machine.device(FIRST).attach(machine.domain(ONE, 4).map(0, 0x10_0000));
    device.changeContext(entry -> entry.with(71));
    Expect.of(machine, device, Request.READ, 0).fault(0x0b);
    device.changeContext(entry -> entry.without(71));
    Expect.of(machine, device, Request.READ, 0).at(0x10_0000);
  }
}
