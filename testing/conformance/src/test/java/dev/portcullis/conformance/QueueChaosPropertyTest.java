package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.ats.Functions.Forget;
import dev.portcullis.kit.ats.Functions.Heard;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.queue.Descriptor.Hint;
import dev.portcullis.kit.random.Seed;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.PasidPrefix;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/// Software and devices that do with the queues whatever comes to their mind: nothing throws, heads
/// and tails stay where they may be, and after a reset all is well.
class QueueChaosPropertyTest {
  private static final int STEPS = 20_000;
  private static final int[] REGISTERS = {
    Offsets.IQT, Offsets.IQA, Offsets.FSTS, Offsets.ICS, Offsets.IECTL, Offsets.FECTL,
    Offsets.PQH, Offsets.PQT, Offsets.PQA, Offsets.PRS, Offsets.PECTL, Offsets.GCMD,
    Offsets.RTADDR, Offsets.IQH, Offsets.IQERCD
  };

  private final TestMachine machine = Scalable.machine();
  private final Registers registers = machine.registers();
  private final long area = machine.memory().pages(8);
  private final ScalableFunction disk = new ScalableFunction(machine, 0x0190, 3);
  private SplittableRandom random = new SplittableRandom(0);

  @RepeatedTest(12)
  void nothingThatSoftwareOrDevicesDoBreaksTheUnit(RepetitionInfo run) {
    Seed seed = Seed.ofThisRun();
    random = seed.random(run.getCurrentRepetition());
    machine.functions().onHearing(this::react);
    try {
      for (int step = 0; step < STEPS; step++) {
        act();
        assertThat(registers.read64(Offsets.IQH) & ~0x7_fff0L).isZero();
        assertThat(registers.read64(Offsets.PQT) & ~0x7_ffe0L).isZero();
        assertThat(registers.read64(Offsets.IQERCD) & 15).isLessThan(8);
      }
      assertThat(machine.unit().statistics().waits()).isGreaterThan(100);
      assertThat(machine.unit().statistics().ats().invalidations()).isGreaterThan(100);
      assertThat(machine.unit().statistics().ats().timeOuts()).isGreaterThan(10);
      assertThat(machine.unit().statistics().ats().pageRequests()).isGreaterThan(10);
      assertThat(machine.unit().statistics().ats().pageResponses()).isGreaterThan(100);
      recover();
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(seed + ", run " + run.getCurrentRepetition(), e);
    }
  }

  private void react(Heard heard) {
    if (heard instanceof Forget told && random.nextInt(4) != 0) {
      machine
          .unit()
          .invalidationCompleted(
              told.requesterId(), 1 << told.request().tag(), random.nextInt(8) == 0 ? 2 : 1);
    }
  }

  private void act() {
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> machine.memory().writeLong(area + 8L * random.nextInt(4096), word());
      case 3, 4 -> plausible();
      case 5, 6 -> registers.write32(Offsets.IQT, random.nextInt(64) * 16);
      case 7 -> anyRegister();
      case 8 -> registers.write32(Offsets.FSTS, 0x71);
      case 9 -> machine.unit().invalidationCompleted(0x0190, random.nextInt(), random.nextInt(9));
      case 10 ->
          machine
              .unit()
              .requestPage(
                  disk.sourceId(),
                  new PageRequest(
                      random.nextBoolean() ? PasidPrefix.NONE : PasidPrefix.of(random.nextInt(70)),
                      random.nextLong(),
                      random.nextInt(512),
                      random.nextBoolean(),
                      random.nextBoolean(),
                      random.nextBoolean()));
      default -> machine.clock().advance(random.nextLong(600_000_000));
    }
  }

  /// A queue that works, with descriptors of which most are valid.
  private void plausible() {
    boolean wide = random.nextInt(8) != 0;
    int bytes = wide ? 32 : 16;
    for (int i = 0; i < 32; i++) {
      long at = area + (long) bytes * i;
      Descriptor one = descriptor();
      machine.memory().writeLong(at, one.lo());
      machine.memory().writeLong(at + 8, one.hi());
      if (wide) {
        machine.memory().writeLong(at + 16, 0);
        machine.memory().writeLong(at + 24, 0);
      }
    }
    registers.write32(Offsets.FSTS, 0x71);
    registers.setRootTable(machine.rootTable() | (wide ? Scalable.SCALABLE : 0));
    registers.write32(Offsets.GCMD, Command.TE);
    registers.write32(Offsets.IQT, 0);
    registers.write64(Offsets.IQA, area | (wide ? 1 << 11 : 0));
    registers.write64(Offsets.PQA, area + 0x4000 | random.nextInt(3));
    registers.write32(Offsets.GCMD, Command.TE | Command.QIE);
    registers.write32(Offsets.IQT, (long) bytes * random.nextInt(33));
  }

  private Descriptor descriptor() {
    int source = random.nextInt(8) == 0 ? random.nextInt(0x1_0000) : 0x0190;
    int pasid = random.nextInt(0x10_0000);
    Descriptor valid =
        switch (random.nextInt(12)) {
          case 0 -> Descriptor.contextDomain(random.nextInt(0x1_0000));
          case 1 -> Descriptor.iotlbGlobal();
          case 2 -> Descriptor.pasidIotlbPages(3, pasid, random.nextLong(), 3, Hint.ANY_ENTRY);
          case 3 -> Descriptor.pasidsDomain(random.nextInt(0x1_0000));
          case 4 -> Descriptor.permissionPages(3, random.nextLong(), 7, 2);
          case 5 -> Descriptor.interrupts(random.nextInt(0x1_0000), 2);
          case 6 -> Descriptor.response(source, pasid, random.nextInt(512), random.nextInt(16));
          case 7, 8 -> Descriptor.deviceTlb(source, random.nextLong() & -4096L);
          case 9 -> Descriptor.pasidDeviceTlb(source, pasid, random.nextLong() & -4096L);
          case 10 -> Descriptor.waitStatus(area + 4L * random.nextInt(8192), random.nextInt());
          default -> Descriptor.waitInterrupt().with(7);
        };
    return random.nextInt(64) == 0 ? valid.with(random.nextInt(128)) : valid;
  }

  private void anyRegister() {
    int register = REGISTERS[random.nextInt(REGISTERS.length)];
    registers.write(register, random.nextBoolean() ? 4 : 8, word());
  }

  private long word() {
    return switch (random.nextInt(5)) {
      case 0 -> random.nextLong();
      case 1 -> area | random.nextInt(4096);
      case 2 -> GuestMemory.HOLE | random.nextInt(4096);
      case 3 -> 1L << random.nextInt(64);
      default -> random.nextInt(0x1000);
    };
  }

  private void recover() {
    machine.unit().reset();
    machine.functions().take();
    assertThat(machine.clock().pending()).isZero();
    assertThat(registers.read32(Offsets.FSTS)).isZero();
    registers.setRootTable(machine.rootTable() | Scalable.SCALABLE);
    registers.enable(Command.TE);
    machine.queue().enableWide();
    long status = machine.page();
    machine.functions().onHearing(heard -> {});
    machine.queue().submit(Descriptor.deviceTlb(0x0190, 0), Descriptor.waitStatus(status, 1));
    Forget told = machine.functions().takeForget();
    machine.unit().invalidationCompleted(0x0190, 1 << told.request().tag(), 1);
    assertThat(machine.memory().readInt(status)).isEqualTo(1);
  }
}
