package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.interrupt.Destinations;
import dev.portcullis.kit.interrupt.InterruptRequest;
import dev.portcullis.kit.interrupt.Irte;
import dev.portcullis.kit.interrupt.PostedDescriptor;
import dev.portcullis.kit.memory.GuestMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Interrupts that become bits in memory, and when software is told of them.
class PostedInterruptConformanceTest {
  private static final InterruptRequest REQUEST = InterruptRequest.of(9);
  private static final long NOTIFICATION = 0xfee0_3000L;
  private static final int NOTIFICATION_DATA = 0x40f2;

  private final Remapping remapping = Remapping.with(Destinations.BITS_8);
  private final PostedDescriptor descriptor = PostedDescriptor.of(remapping.machine, 0xf2, 0x0300);

  private void post(int vector, int... bits) {
    var entry = Irte.posted(descriptor.address(), vector);
    for (int bit : bits) {
      entry = entry.with(bit);
    }
    remapping.table.set(9, entry);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 63, 64, 127, 128, 200, 255})
  @Covers("register CAP.PI")
  void theVectorsBitIsSetAndSoftwareIsTold(int vector) {
    post(vector);
    remapping.sends(REQUEST, NOTIFICATION, NOTIFICATION_DATA);
    assertThat(descriptor.requests()).containsExactly(vector);
    assertThat(descriptor.control()).isEqualTo(0x0300_00f2_0001L);
  }

  @Test
  void softwareIsToldOnceUntilItHasLooked() {
    post(5);
    remapping.table.set(10, Irte.posted(descriptor.address(), 77));
    remapping.sends(REQUEST, NOTIFICATION, NOTIFICATION_DATA);
    remapping.sendsNothing(REQUEST);
    remapping.sendsNothing(InterruptRequest.of(10));
    assertThat(descriptor.requests()).containsExactly(5, 77);
    descriptor.control(descriptor.control() & ~PostedDescriptor.ON);
    remapping.sends(REQUEST, NOTIFICATION, NOTIFICATION_DATA);
  }

  @Test
  void softwareThatDoesNotWantToBeToldIsNot() {
    post(5);
    descriptor.control(descriptor.control() | PostedDescriptor.SN);
    remapping.sendsNothing(REQUEST);
    assertThat(descriptor.requests()).containsExactly(5);
    assertThat(descriptor.control() & 3).isEqualTo(PostedDescriptor.SN);
  }

  @Test
  void ofAnUrgentInterruptSoftwareIsToldInAnyCase() {
    post(5, Irte.URG);
    descriptor.control(descriptor.control() | PostedDescriptor.SN);
    remapping.sends(REQUEST, NOTIFICATION, NOTIFICATION_DATA);
    assertThat(descriptor.control() & 3).isEqualTo(PostedDescriptor.ON | PostedDescriptor.SN);
    remapping.sendsNothing(REQUEST);
  }

  @Test
  void aBitThatIsSetAlreadyTellsSoftwareAllTheSame() {
    post(5);
    descriptor.set(5);
    remapping.sends(REQUEST, NOTIFICATION, NOTIFICATION_DATA);
    assertThat(descriptor.requests()).containsExactly(5);
  }

  @Test
  @Covers("register IRTA.EIME")
  void inExtendedModeTheDestinationHas32Bits() {
    Remapping extended = Remapping.with(Destinations.BITS_32);
    PostedDescriptor wide = PostedDescriptor.of(extended.machine, 0xf2, 0x8765_4321);
    extended.table.set(9, Irte.posted(wide.address(), 5));
    extended.sends(REQUEST, 0x8765_4300_fee2_1000L, NOTIFICATION_DATA);
  }

  /// A descriptor may lie anywhere below the host's width.
  @Test
  void aDescriptorAbove4GiBIsFound() {
    PostedDescriptor far =
        new PostedDescriptor(remapping.machine, GuestMemory.FAR_BASE + 0x1fc0)
            .control(0x0300_00f2_0000L);
    remapping.table.set(9, Irte.posted(far.address(), 5));
    remapping.sends(REQUEST, NOTIFICATION, NOTIFICATION_DATA);
    assertThat(far.requests()).containsExactly(5);
  }

  @Test
  @Covers("fault 27h")
  void aDescriptorWithoutMemoryIsRefused() {
    remapping.table.set(9, Irte.posted(GuestMemory.HOLE, 5));
    remapping.fault(REQUEST, 0x27, 9);
  }

  static IntStream reservedBits() {
    return IntStream.range(256, 512)
        .filter(bit -> bit >= 320 || (0xffff_00ff_ff00_fffcL >>> bit - 256 & 1) != 0);
  }

  @ParameterizedTest
  @MethodSource("reservedBits")
  @Covers("fault 28h")
  void aReservedBitOfADescriptorIsAFaultAndNothingIsChanged(int bit) {
    post(5);
    descriptor.set(bit);
    long control = descriptor.control();
    remapping.fault(REQUEST, 0x28, 9);
    assertThat(descriptor.requests()).isEmpty();
    assertThat(descriptor.control()).isEqualTo(control);
  }

  @Test
  void theDescriptorIsReadAnewForEachInterrupt() {
    post(5);
    remapping.sends(REQUEST, NOTIFICATION, NOTIFICATION_DATA);
    descriptor.control(0x0400_00f3_0000L);
    remapping.sends(REQUEST, 0xfee0_4000L, 0x40f3);
  }

  /// Two devices post without pause, software collects: whatever was posted is collected, and
  /// software is never left with a bit it was not told of.
  @Test
  void nothingPostedWhileSoftwareCollectsIsLost() throws InterruptedException {
    int each = 20_000;
    AtomicInteger told = new AtomicInteger();
    List<Thread> devices = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int index = i;
      remapping.table.set(index, Irte.posted(descriptor.address(), 64 * index));
      devices.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int n = 0; n < each; n++) {
                  remapping
                      .machine
                      .unit()
                      .interrupt(
                          0x18,
                          InterruptRequest.of(index).address(),
                          0,
                          (address, data) -> told.incrementAndGet());
                }
              }));
    }
    var map = remapping.machine.memory().map();
    int looked = 0;
    while (devices.stream().anyMatch(Thread::isAlive)) {
      if (told.get() > looked) {
        looked++;
        long control = descriptor.control();
        assertThat(control & PostedDescriptor.ON).isEqualTo(PostedDescriptor.ON);
        map.store64(descriptor.address() + 32, control & ~PostedDescriptor.ON);
        map.store64(descriptor.address(), 0);
        map.store64(descriptor.address() + 8, 0);
      }
    }
    for (Thread device : devices) {
      device.join();
    }
    boolean outstanding = (descriptor.control() & PostedDescriptor.ON) != 0;
    assertThat(told.get() - looked).isEqualTo(outstanding ? 1 : 0);
    assertThat(outstanding || descriptor.requests().isEmpty()).isTrue();
  }
}
