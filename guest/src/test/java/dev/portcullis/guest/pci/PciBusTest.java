package dev.portcullis.guest.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.guest.SampleFunction;
import dev.portcullis.guest.TestMachine;
import dev.portcullis.guest.port.InterruptVector;
import dev.portcullis.guest.port.MachineCheckException;
import dev.portcullis.pci.Bar;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Functions are found, placed, and interrupt; those that tell nonsense do no harm.
class PciBusTest {
  private static final int MULTI_FUNCTION = 0x80;
  private static final int BRIDGE = 0x01;
  private static final int HEADER_TYPE = 0x0e;
  private static final int CAPABILITIES = 0x34;
  private static final int MSIX_AT = 0x40;

  private final TestMachine machine = new TestMachine();
  private final PciBus bus = new PciBus(machine);

  @AfterEach
  void close() {
    machine.close();
    assertThat(machine.thrown()).isEmpty();
  }

  private PciDevice only() {
    assertThat(bus.scan()).hasSize(1);
    return bus.scan().getFirst();
  }

  private List<Integer> places() {
    return bus.scan().stream().map(PciDevice::at).toList();
  }

  @Test
  void anEmptyBusHasNothing() {
    assertThat(bus.scan()).isEmpty();
    assertThat(bus.find(SampleFunction.ID)).isEmpty();
  }

  @Test
  void otherFunctionsAreLookedForOnlyWhereTheFirstSaysSo() {
    machine.plug(0x08, new SampleFunction());
    machine.plug(0x0a, new SampleFunction());
    machine.plug(0x10, new SampleFunction().with(HEADER_TYPE, MULTI_FUNCTION));
    machine.plug(0x13, new SampleFunction());
    machine.plug(0x17, new SampleFunction());
    machine.plug(0xf8, new SampleFunction());
    assertThat(places()).containsExactly(0x08, 0x10, 0x13, 0x17, 0xf8);
    assertThat(bus.find(SampleFunction.ID)).hasSize(5);
    assertThat(bus.find(SampleFunction.ID).getFirst().classCode()).isEqualTo(0x12_34_56);
  }

  @Test
  void windowsLieApartAndAligned() {
    for (int slot = 1; slot < 5; slot++) {
      machine.plug(
          slot << 3,
          new SampleFunction(
              new Bar(1, 4096, Bar.Width.MEMORY_32), new Bar(2, 1 << 20, Bar.Width.MEMORY_64)));
    }
    List<long[]> ranges = new ArrayList<>();
    for (PciDevice device : bus.scan()) {
      for (int bar = 0; bar < 3; bar++) {
        long base = device.window(bar).orElseThrow();
        long bytes = device.windowBytes(bar);
        assertThat(base % bytes).isZero();
        assertThat(base)
            .isBetween(
                TestMachine.WINDOW_BASE,
                TestMachine.WINDOW_BASE + TestMachine.WINDOW_BYTES - bytes);
        assertThat(ranges).noneMatch(other -> base < other[1] && other[0] < base + bytes);
        ranges.add(new long[] {base, base + bytes});
      }
      assertThat(device.windowBytes(0)).isEqualTo(0x4000);
      assertThat(device.windowBytes(1)).isEqualTo(4096);
      assertThat(device.windowBytes(2)).isEqualTo(1 << 20);
      assertThat(device.window(3)).isEmpty();
    }
  }

  @Test
  void whatIsWrittenToAWindowReachesItsFunction() {
    machine.plug(0x08, new SampleFunction());
    machine.plug(0x10, new SampleFunction());
    List<PciDevice> both = bus.scan();
    machine.store(both.get(0).window(0).orElseThrow() + 8, 4, 1);
    machine.store(both.get(1).window(0).orElseThrow() + 8, 4, 2);
    assertThat(machine.load(both.get(0).window(0).orElseThrow() + 8, 4)).isEqualTo(1);
    assertThat(machine.load(both.get(1).window(0).orElseThrow() + 8, 4)).isEqualTo(2);
  }

  @Test
  void aWindowThatDoesNotFitHasNoPlaceAndTheOthersDo() {
    machine.plug(0x08, new SampleFunction(new Bar(2, 1L << 40, Bar.Width.MEMORY_64)));
    PciDevice device = only();
    assertThat(device.window(2)).isEmpty();
    assertThat(device.window(0)).isPresent();
    assertThat(device.windowBytes(2)).isZero();
  }

  @Test
  void addressBitsThatSayNoPowerOfTwoMakeNoWindow() {
    SampleFunction liar = new SampleFunction();
    liar.config().allowWrites(0x14, 4, 0xffff_0f00L);
    machine.plug(0x08, liar);
    assertThat(only().window(1)).isEmpty();
  }

  @Test
  void aBridgesRegistersAreNotTakenForWindows() {
    SampleFunction bridge = new SampleFunction().with(HEADER_TYPE, BRIDGE);
    machine.plug(0x08, bridge);
    assertThat(only().window(0)).isEmpty();
    assertThat(bridge.readConfig(0x10, 4)).isZero();
  }

  @Test
  void aLoopOfCapabilitiesEnds() {
    SampleFunction looping = machine.plug(0x08, new SampleFunction());
    PciDevice device = only();
    int at = device.capability(0x11).orElseThrow();
    looping.with(at + 1, at);
    assertThat(device.capabilities(0x10)).isEmpty();
    assertThat(device.capabilities(0x11)).isNotEmpty();
    looping.with(CAPABILITIES, 0);
    assertThat(device.capability(0x11)).isEmpty();
  }

  @Test
  void anInterruptRunsItsHandlerAndNoOther() throws PciException {
    SampleFunction function = machine.plug(0x08, new SampleFunction());
    PciDevice device = only();
    device.enableBusMaster();
    AtomicInteger first = new AtomicInteger();
    AtomicInteger second = new AtomicInteger();
    InterruptVector one = device.connect(0, first::incrementAndGet);
    device.connect(1, second::incrementAndGet);
    function.raise(1);
    TestMachine.await("second handler", () -> second.get() == 1);
    function.raise(0);
    TestMachine.await("first handler", () -> first.get() == 1);
    one.close();
    function.raise(0);
    function.raise(1);
    TestMachine.await("second handler again", () -> second.get() == 2);
    assertThat(first).hasValue(1);
  }

  @Test
  void aFunctionThatIsNoBusMasterDoesNotInterrupt() throws PciException {
    SampleFunction function = machine.plug(0x08, new SampleFunction());
    SampleFunction other = machine.plug(0x10, new SampleFunction());
    List<PciDevice> both = bus.scan();
    AtomicInteger lost = new AtomicInteger();
    AtomicInteger heard = new AtomicInteger();
    both.get(0).enableBusMaster();
    both.get(1).enableBusMaster();
    both.get(0).connect(0, lost::incrementAndGet);
    both.get(1).connect(0, heard::incrementAndGet);
    both.get(0).disableBusMaster();
    function.raise(0);
    other.raise(0);
    TestMachine.await("the other's handler", () -> heard.get() == 1);
    assertThat(lost).hasValue(0);
  }

  @Test
  void vectorsThatAreNotThereAreRefused() {
    machine.plug(0x08, new SampleFunction());
    PciDevice device = only();
    assertThat(device.vectors()).isEqualTo(2);
    assertThatThrownBy(() -> device.connect(2, () -> {})).isInstanceOf(PciException.class);
    assertThatThrownBy(() -> device.connect(-1, () -> {})).isInstanceOf(PciException.class);
    assertThat(machine.vectorsInUse()).isZero();
  }

  @Test
  void aTableThatLiesOutsideOfItsWindowIsRefused() {
    SampleFunction liar = machine.plug(0x08, new SampleFunction());
    PciDevice device = only();
    int at = device.capability(0x11).orElseThrow();
    liar.config().put(at + 4, 4, 0x3ff8);
    assertThatThrownBy(() -> device.connect(0, () -> {})).isInstanceOf(PciException.class);
    liar.config().put(at + 4, 4, 0xffff_fff8L);
    assertThatThrownBy(() -> device.connect(0, () -> {})).isInstanceOf(PciException.class);
    liar.config().put(at + 4, 4, 0x1007);
    assertThatThrownBy(() -> device.connect(0, () -> {})).isInstanceOf(PciException.class);
    assertThat(machine.vectorsInUse()).isZero();
  }

  @Test
  void afterAResetWindowsAreWhereTheyWere() throws PciException {
    SampleFunction function =
        machine.plug(0x08, new SampleFunction(new Bar(2, 1 << 20, Bar.Width.MEMORY_64)));
    PciDevice device = only();
    device.enableBusMaster();
    AtomicInteger heard = new AtomicInteger();
    device.connect(0, heard::incrementAndGet);
    device.reset();
    assertThat(device.isPlaced()).isTrue();
    assertThat(device.readConfig(4, 2) & 4).isZero();
    assertThat(device.readConfig(MSIX_AT + 2, 2) & 0x8000).isZero();
    machine.store(device.window(2).orElseThrow(), 8, 5);
    assertThat(machine.load(device.window(2).orElseThrow(), 8)).isEqualTo(5);
    device.enableBusMaster();
    device.connect(0, heard::incrementAndGet);
    function.raise(0);
    TestMachine.await("handler after the reset", () -> heard.get() == 1);
  }

  @Test
  void aFunctionWithoutResetSaysSo() {
    SampleFunction function = machine.plug(0x08, new SampleFunction());
    PciDevice device = only();
    function.config().put(device.capability(0x10).orElseThrow() + 4, 4, 0);
    assertThatThrownBy(device::reset).isInstanceOf(PciException.class);
  }

  @Test
  void functionsThatStayAreTheSameAndOthersComeAndGo() {
    machine.plug(0x08, new SampleFunction());
    machine.plug(0x10, new SampleFunction());
    List<PciDevice> before = bus.scan();
    machine.unplug(0x08);
    machine.plug(0x18, new SampleFunction());
    List<PciDevice> after = bus.scan();
    assertThat(after).hasSize(2);
    assertThat(after.getFirst()).isSameAs(before.get(1));
    assertThatThrownBy(() -> machine.load(before.getFirst().window(0).orElseThrow(), 4))
        .isInstanceOf(MachineCheckException.class);
    assertThatThrownBy(() -> before.getFirst().connect(0, () -> {}))
        .isInstanceOf(PciException.class);
    assertThatThrownBy(() -> before.getFirst().reset()).isInstanceOf(PciException.class);
  }

  @Test
  void aFunctionThatWasResetBehindTheBackIsPlacedAnew() {
    SampleFunction function = machine.plug(0x08, new SampleFunction());
    PciDevice before = only();
    function.reset();
    PciDevice after = only();
    assertThat(after).isNotSameAs(before);
    machine.store(after.window(0).orElseThrow(), 4, 3);
    assertThat(machine.load(after.window(0).orElseThrow(), 4)).isEqualTo(3);
  }
}
