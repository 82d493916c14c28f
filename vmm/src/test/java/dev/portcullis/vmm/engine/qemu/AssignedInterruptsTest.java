package dev.portcullis.vmm.engine.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.interrupt.InterruptBlock;
import dev.portcullis.driver.interrupt.InterruptOptions;
import dev.portcullis.driver.interrupt.InterruptOptions.Apics;
import dev.portcullis.driver.interrupt.InterruptOptions.Compatibility;
import dev.portcullis.driver.interrupt.InterruptTable;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.kit.driver.InProcessPlatform;
import dev.portcullis.pci.Capability;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.ConfigRegisters;
import dev.portcullis.pci.Msi;
import dev.portcullis.pci.Msix;
import dev.portcullis.pci.PciExpress;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.interrupt.RemappableFormat;
import dev.portcullis.unit.UnitConfiguration.Preset;
import dev.portcullis.vmm.assign.AssignedFunction;
import dev.portcullis.vmm.interrupt.InterruptRouter;
import dev.portcullis.vmm.interrupt.Traffic;
import dev.portcullis.vmm.interrupt.Way;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AssignedInterruptsTest {
  /// A message as a guest means it.
  private record Message(long address, int data) {}

  private static final long ADDRESS = 0xfee0_1000L;
  private static final int MASKED = 1;
  private static final int MSIX_ENABLE = 0x8000;
  private static final int SWITCHES = 200;

  private final InterruptRouter interrupts = new InterruptRouter();
  private final LinkedBlockingQueue<Message> arrived = new LinkedBlockingQueue<>();
  private final List<DriverException> failures = new ArrayList<>();
  private InProcessPlatform platform;
  private RemappingDriver driver;
  private InterruptInjector delivery;
  private Messenger messenger;
  private AssignedFunction seen;
  private InterruptBlock block;

  @BeforeEach
  void assign() throws Exception {
    start(Preset.SCALABLE);
    delivery =
        new InterruptInjector(
            "user",
            interrupts,
            driver.interrupts(),
            (address, data) -> arrived.add(new Message(address, data)));
    messenger = messenger("00:05.0");
    block = table().allocate(Messenger.VECTORS);
    seen = assigned(Optional.of(block));
    seen.writeConfig(4, 2, 6);
  }

  private void start(Preset preset) throws Exception {
    platform = new InProcessPlatform(preset.builder().build());
    InterruptOptions options = new InterruptOptions(10, Apics.XAPIC, Compatibility.REFUSED);
    driver = RemappingDriver.start(platform.platform(), DriverOptions.DEFAULT.remapping(options));
  }

  private AssignedFunction assigned(Optional<InterruptBlock> entries) {
    return new AssignedFunction(messenger.at, messenger, entries, delivery, failures::add);
  }

  private InterruptTable table() {
    return driver.interrupts().orElseThrow();
  }

  private Messenger messenger(String at) throws Exception {
    Messenger made = new Messenger(at, platform.unit(), interrupts);
    driver.device(made.at.id(), DeviceFeatures.NONE);
    return made;
  }

  @AfterEach
  void close() {
    delivery.close();
  }

  private static int at(PciFunction function, Class<?> capability) {
    return function.capabilities().stream()
        .filter(capability::isInstance)
        .mapToInt(Capability::at)
        .findFirst()
        .orElseThrow();
  }

  private void enableMsix() {
    seen.writeConfig(at(messenger, Msix.class) + 2, 2, MSIX_ENABLE);
  }

  /// As Linux does: masked, message, unmasked.
  private void write(int number, long address, int data) {
    long entry = 16L * number;
    seen.writeBar(0, entry + 12, 4, MASKED);
    seen.writeBar(0, entry, 4, address & 0xffff_ffffL);
    seen.writeBar(0, entry + 4, 4, address >>> 32);
    seen.writeBar(0, entry + 8, 4, data);
    seen.writeBar(0, entry + 12, 4, 0);
  }

  private Message next() throws InterruptedException {
    return arrived.poll(30, TimeUnit.SECONDS);
  }

  private List<FaultReason> faults() throws Exception {
    List<FaultReason> reasons = new ArrayList<>();
    driver.faults().drain(record -> reasons.add(record.reason().orElseThrow()));
    return reasons;
  }

  @Test
  void guestGetsTheMessageItAskedFor() throws Exception {
    enableMsix();
    write(0, ADDRESS, 0x31);
    write(3, ADDRESS | 4, 0x45);

    messenger.raise(3);
    assertThat(next()).isEqualTo(new Message(ADDRESS | 4, 0x45));
    messenger.raise(0);
    assertThat(next()).isEqualTo(new Message(ADDRESS, 0x31));
    assertThat(faults()).isEmpty();
    assertThat(interrupts.lost()).isZero();
  }

  @Test
  void guestReadsWhatItWroteAndTheFunctionHasAnother() {
    write(1, ADDRESS, 0x31);

    assertThat(seen.readBar(0, 16, 8)).isEqualTo(ADDRESS);
    assertThat(seen.readBar(0, 24, 4)).isEqualTo(0x31);
    assertThat(seen.readBar(0, 28, 4)).isZero();
    RemappableFormat ours = block.message(1);
    assertThat(messenger.readBar(0, 16, 8)).isEqualTo(ours.address());
    assertThat(messenger.readBar(0, 24, 4)).isEqualTo(ours.data());
  }

  @Test
  void functionWithAPinShowsNone() {
    assertThat(messenger.readConfig(ConfigRegisters.INTERRUPT_PIN, 1)).isEqualTo(1);
    assertThat(seen.readConfig(ConfigRegisters.INTERRUPT_PIN, 1)).isZero();
    assertThat(seen.readConfig(ConfigRegisters.INTERRUPT_LINE, 4) & 0xff00).isZero();
  }

  @Test
  void maskedInterruptWaits() throws Exception {
    enableMsix();
    write(2, ADDRESS, 0x31);
    seen.writeBar(0, 44, 4, MASKED);
    messenger.raise(2);
    assertThat(seen.readBar(0, 0x800, 8)).as("pending").isEqualTo(4);
    assertThat(arrived).isEmpty();

    seen.writeBar(0, 44, 4, 0);

    assertThat(next()).isEqualTo(new Message(ADDRESS, 0x31));
    assertThat(seen.readBar(0, 0x800, 8)).isZero();
  }

  @Test
  void guestMovesAnInterruptWhileItWorks() throws Exception {
    enableMsix();
    write(0, ADDRESS, 0x31);
    seen.writeBar(0, 8, 4, 0x77);

    messenger.raise(0);

    assertThat(next()).isEqualTo(new Message(ADDRESS, 0x77));
  }

  @Test
  void accessesOfEightBytesAreTwo() throws Exception {
    enableMsix();
    seen.writeBar(0, 0, 8, ADDRESS);
    seen.writeBar(0, 8, 8, 0x31);

    messenger.raise(0);

    assertThat(next()).isEqualTo(new Message(ADDRESS, 0x31));
    assertThat(seen.readBar(0, 8, 8)).isEqualTo(0x31);
    assertThat(seen.readBar(0, 2, 2)).as("no access of the table's").isZero();
  }

  @Test
  void messageThatIsNoInterruptIsRefused() throws Exception {
    enableMsix();
    write(0, 0x1000, 0x31);
    write(1, ADDRESS | RemappableFormat.FORMAT.mask(), 0x31);
    messenger.raise(0);
    messenger.raise(1);
    assertThat(faults())
        .containsExactly(
            FaultReason.INTERRUPT_ENTRY_NOT_PRESENT, FaultReason.INTERRUPT_ENTRY_NOT_PRESENT);
    assertThat(arrived).isEmpty();
  }

  @Test
  void messagesOfTheSimplerKindAreOneAfterTheOther() throws Exception {
    int msi = at(messenger, Msi.class);
    seen.writeConfig(msi + 4, 4, ADDRESS);
    seen.writeConfig(msi + 8, 4, 0);
    seen.writeConfig(msi + 12, 2, 0x40);
    seen.writeConfig(msi + 2, 2, 2 << 4 | 1);

    messenger.raise(3);

    assertThat(next()).isEqualTo(new Message(ADDRESS, 0x43));
    assertThat(seen.readConfig(msi + 4, 4)).isEqualTo(ADDRESS);
    assertThat(seen.readConfig(msi + 12, 2)).isEqualTo(0x40);
    assertThat(seen.readConfig(msi + 2, 2) & 0x71).isEqualTo(2 << 4 | 1);
    assertThat(messenger.readConfig(msi + 4, 4)).isEqualTo(block.message(0).address());
    assertThat(faults()).isEmpty();
  }

  @Test
  void nothingIsSentByTheSimplerKindWhenTheGuestTurnsItOff() throws Exception {
    int msi = at(messenger, Msi.class);
    seen.writeConfig(msi + 4, 8, ADDRESS);
    seen.writeConfig(msi + 12, 2, 0x40);
    seen.writeConfig(msi + 2, 2, 1);
    messenger.raise(0);
    assertThat(next()).isEqualTo(new Message(ADDRESS, 0x40));

    seen.writeConfig(msi + 2, 2, 0);
    messenger.raise(0);
    seen.writeConfig(msi + 12, 2, 0x50);
    seen.writeConfig(msi + 2, 2, 1);
    messenger.raise(0);

    assertThat(next()).isEqualTo(new Message(ADDRESS, 0x50));
    assertThat(arrived).isEmpty();
  }

  @Test
  void entryOfAnotherIsRefused() throws Exception {
    enableMsix();
    write(0, ADDRESS, 0x31);
    Messenger rogue = messenger("00:06.0");
    rogue.writeConfig(4, 2, 6);

    RemappableFormat victims = block.message(0);
    assertThat(rogue.forge(victims.address(), victims.data()))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);

    assertThat(faults()).containsExactly(FaultReason.SOURCE_NOT_VALID);
    assertThat(arrived).isEmpty();
  }

  @Test
  void messageOfTheGuestsOwnIsRefusedIfTheFunctionSendsItPastTheTable() throws Exception {
    enableMsix();
    assertThat(messenger.forge(ADDRESS, 0x31)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(faults()).containsExactly(FaultReason.COMPATIBILITY_FORMAT_BLOCKED);
    assertThat(arrived).isEmpty();
  }

  @Test
  void resetOfTheFunctionByTheGuestForgetsItsMessages() {
    enableMsix();
    write(0, ADDRESS, 0x31);
    seen.writeConfig(at(messenger, PciExpress.class) + 8, 2, 0x8000);

    assertThat(messenger.resets()).isEqualTo(1);
    assertThat(seen.readBar(0, 0, 8)).isZero();
    assertThat(seen.readBar(0, 12, 4)).isEqualTo(MASKED);
  }

  @Test
  void withoutEntriesInterruptsStayMasked() throws Exception {
    seen = assigned(Optional.empty());
    enableMsix();
    write(0, ADDRESS, 0x31);
    messenger.raise(0);
    assertThat(arrived).isEmpty();
    assertThat(messenger.readBar(0, 12, 4)).isEqualTo(MASKED);
  }

  @Test
  void guestThatTakesNothingLosesItsOwn() throws Exception {
    InterruptInjector off =
        new InterruptInjector("off", interrupts, Optional.empty(), (_, _) -> false);
    off.inject(ADDRESS, 0x31);
    delivery.inject(ADDRESS, 0x32);
    assertThat(next()).isEqualTo(new Message(ADDRESS, 0x32));
    off.close();
    assertThat(off.injected()).isZero();
  }

  @Test
  void switchedWhileTheyComeNoneIsLostAndNoneComesTwice() throws Exception {
    enableMsix();
    for (int number = 0; number < Messenger.VECTORS; number++) {
      write(number, ADDRESS, 0x31 + number);
    }
    AtomicInteger sent = new AtomicInteger();
    FutureTask<Integer> switching = new FutureTask<>(() -> switchOnAndOff(sent));
    Thread.ofPlatform().daemon().start(switching);
    // Each is waited for: two of one vector may be one.
    do {
      int number = sent.getAndIncrement() % Messenger.VECTORS;
      messenger.raise(number);
      assertThat(next()).isEqualTo(new Message(ADDRESS, 0x31 + number));
    } while (!switching.isDone());

    assertThat(switching.get()).isEqualTo(SWITCHES);
    assertThat(arrived).isEmpty();
    assertThat(faults()).isEmpty();
    Traffic traffic = delivery.traffic();
    assertThat(traffic.remapped()).isPositive();
    assertThat(traffic.posted()).isPositive();
    assertThat(traffic.remapped() + traffic.posted()).isEqualTo(sent.get());
    assertThat(traffic.told()).isEqualTo(traffic.posted());
  }

  /// Some interrupts come between any two changes, and others during them.
  private int switchOnAndOff(AtomicInteger sent) throws DriverException {
    for (int i = 0; i < SWITCHES; i++) {
      int before = sent.get();
      while (sent.get() < before + 3) {
        Thread.onSpinWait();
      }
      delivery.deliver(i % 2 == 0 ? Way.POSTED : Way.REMAPPED);
    }
    return SWITCHES;
  }

  @Test
  void interruptsThatAFunctionMustNotSendStayRefusedWhenTheWayIsSwitched() throws Exception {
    enableMsix();
    write(0, ADDRESS, 0x31);
    write(1, ADDRESS, 0x32);
    block.silence(0);
    block.clear(1);

    delivery.deliver(Way.POSTED);

    messenger.raise(0);
    messenger.raise(1);
    assertThat(faults()).containsExactly(FaultReason.INTERRUPT_ENTRY_NOT_PRESENT);
    assertThat(arrived).isEmpty();
  }

  @Test
  void entriesThatAnotherHasByNowStayHis() throws Exception {
    enableMsix();
    write(0, ADDRESS, 0x31);
    block.close();
    InterruptBlock anothers = table().allocate(Messenger.VECTORS);
    assertThat(anothers.first()).isEqualTo(block.first());
    Messenger other = messenger("00:06.0");
    delivery.connect(anothers, 0, other.at, ADDRESS, 0x77);

    delivery.deliver(Way.POSTED);
    other.writeConfig(4, 2, 6);
    other.forge(anothers.message(0).address(), anothers.message(0).data());

    assertThat(next()).isEqualTo(new Message(ADDRESS, 0x77));
    assertThat(faults()).isEmpty();
  }

  @Test
  void unitThatCannotPostRemapsOn() throws Exception {
    InterruptInjector off =
        new InterruptInjector("off", interrupts, Optional.empty(), (_, _) -> true);
    assertThat(off.obstacle(Way.POSTED)).hasValue("the unit does not post interrupts");
    assertThatThrownBy(() -> off.deliver(Way.POSTED)).isInstanceOf(DriverException.class);
    assertThat(off.way()).isEqualTo(Way.REMAPPED);
    off.close();
  }

  /// What a hung process does to whoever writes to its socket.
  @Test
  void guestThatHangsHoldsUpNobodyElse() throws Exception {
    CountDownLatch hangs = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    delivery.close();
    delivery =
        new InterruptInjector(
            "hung",
            interrupts,
            Optional.empty(),
            (address, data) -> {
              hangs.countDown();
              await(over);
              return arrived.add(new Message(address, data));
            });
    seen = assigned(Optional.of(block));
    enableMsix();
    write(0, ADDRESS, 0x31);
    messenger.raise(0);
    hangs.await();

    for (int i = 0; i < 10_000; i++) {
      messenger.raise(0);
    }
    table().allocate(1).close(); // waits for interrupts under way

    over.countDown();
    assertThat(next()).isEqualTo(new Message(ADDRESS, 0x31));
    assertThat(next()).as("once for all that waited").isEqualTo(new Message(ADDRESS, 0x31));
    assertThat(arrived).isEmpty();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void moreInterruptsThanOneDestinationHasVectors() throws Exception {
    InterruptBlock large = table().allocate(256);
    for (int number = 0; number < 256; number++) {
      delivery.connect(large, number, messenger.at, ADDRESS, number);
    }
    int entry = large.message(250).data();
    messenger.forge(large.message(250).address(), entry);
    assertThat(next()).isEqualTo(new Message(ADDRESS, 250));
    messenger.forge(large.message(3).address(), large.message(3).data());
    assertThat(next()).isEqualTo(new Message(ADDRESS, 3));
    large.close();
    delivery.disconnect(messenger.at);
    assertThat(faults()).isEmpty();
  }
}
