package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.fault.Messages.Message;
import dev.portcullis.kit.interrupt.Destinations;
import dev.portcullis.kit.interrupt.InterruptTable;
import dev.portcullis.kit.interrupt.Irte;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.random.Seed;
import dev.portcullis.kit.reference.NaiveRemapper;
import dev.portcullis.kit.reference.NaiveRemapper.Switches;
import dev.portcullis.kit.reference.NaiveRemapper.Verdict;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.table.Entry;
import dev.portcullis.pci.Completion;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.UnitConfigurationBuilder;
import dev.portcullis.unit.policy.CacheSizes;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The unit and the naive remapper agree on every interrupt: on what becomes of it, on what is
/// recorded, and on every word of memory it changes.
class InterruptPropertyTest {
  private static final Seed SEED = Seed.ofThisRun();
  private static final int WORLDS = 250;
  private static final int CHANGES = 50;
  private static final int INTERRUPTS_PER_CHANGE = 12;
  private static final int DESCRIPTORS = 4;
  private static final int[] SOURCES = {0x0018, 0x0019, 0x001c, 0x0020, 0x0318, 0xf0f8};

  /// A unit of random features, random tables, random descriptors.
  private static final class World {
    private final int number;
    private final SplittableRandom random;
    private final TestMachine machine;
    private final NaiveRemapper naive;
    private final long descriptors;
    private final List<InterruptTable> tables;
    private InterruptTable table;
    private Switches switches;
    private int interrupts;
    private int successes;

    World(int number) {
      this.number = number;
      random = SEED.random(number);
      machine = TestMachine.withUnit(this::choices);
      naive = new NaiveRemapper(machine.facts(), machine.memory().map());
      descriptors = machine.page();
      tables =
          List.of(
              new InterruptTable(machine, random.nextInt(6)),
              new InterruptTable(machine, 5),
              // The table runs out of memory, and so does what lies beyond it.
              new InterruptTable(machine, 8, GuestMemory.LOW_BYTES - GuestMemory.PAGE));
      table = tables.getFirst();
      switches = new Switches(false, false, 0);
      machine.queue().enable();
      for (InterruptTable each : tables) {
        for (int index = 0; index < Math.min(each.size(), 256); index++) {
          each.set(index, entry());
        }
      }
      for (int i = 0; i < DESCRIPTORS; i++) {
        changeDescriptor();
      }
    }

    private UnitConfigurationBuilder choices(UnitConfigurationBuilder builder) {
      builder.with(Feature.INTERRUPT_REMAPPING).hostAddressBits(random.nextInt(42, 47));
      builder.caches(random.nextBoolean() ? CacheSizes.DEFAULT : new CacheSizes(4, 4, 4, 2, 4));
      if (random.nextBoolean()) {
        builder.with(Feature.EXTENDED_INTERRUPT_MODE);
        with(builder, 8, Feature.EXTENDED_INTERRUPT_MODE_REQUIRED);
      }
      with(builder, 8, Feature.INTERRUPT_REMAPPING_REQUIRED);
      with(builder, 2, Feature.ENHANCED_SET_INTERRUPT_TABLE_POINTER);
      with(builder, 3, Feature.CACHING_MODE);
      return random.nextInt(4) > 0 ? builder.with(Feature.POSTED_INTERRUPTS) : builder;
    }

    private void with(UnitConfigurationBuilder builder, int oneIn, Feature feature) {
      if (random.nextInt(oneIn) == 0) {
        builder.with(feature);
      }
    }

    /// An entry that is in order more often than not.
    private Entry entry() {
      int destination = random.nextBoolean() ? random.nextInt() : random.nextInt() & 0xff00;
      Entry entry =
          random.nextInt(3) == 0
              ? Irte.posted(descriptorAddress(), random.nextInt(256))
              : Irte.remapped(random.nextInt(256), destination);
      if (random.nextBoolean()) {
        entry =
            Irte.source(
                entry,
                random.nextInt(4),
                random.nextInt(4),
                random.nextBoolean() ? source() : 0x0003);
      }
      if (random.nextInt(3) == 0) {
        entry = Irte.deliveryMode(entry, random.nextInt(8));
      }
      for (int bit : new int[] {Irte.FPD, Irte.DM, Irte.RH, Irte.TM, Irte.URG}) {
        entry = random.nextInt(5) == 0 ? entry.with(bit) : entry;
      }
      if (random.nextInt(6) == 0) {
        entry = entry.with(random.nextInt(128));
      }
      return random.nextInt(8) == 0 ? entry.without(Irte.P) : entry;
    }

    private long descriptorAddress() {
      long address = descriptors + 64L * random.nextInt(DESCRIPTORS);
      return switch (random.nextInt(12)) {
        case 0 -> GuestMemory.HOLE;
        case 1 -> address | 1L << random.nextInt(40, 64);
        default -> address;
      };
    }

    private int source() {
      return SOURCES[random.nextInt(SOURCES.length)];
    }

    /// Software empties a descriptor, and fills it in anew.
    private void changeDescriptor() {
      long at = descriptors + 64L * random.nextInt(DESCRIPTORS);
      for (int word = 0; word < 8; word++) {
        machine.memory().writeLong(at + 8 * word, 0);
      }
      long destination = random.nextBoolean() ? random.nextInt(256) << 8 : random.nextInt();
      machine
          .memory()
          .writeLong(
              at + 32,
              destination << 32 | (long) random.nextInt(256) << 16 | random.nextInt(3) % 3);
      if (random.nextInt(6) == 0) {
        int bit = random.nextInt(512);
        long word = at + bit / 64 * 8;
        machine.memory().writeLong(word, machine.memory().readLong(word) | 1L << (bit & 63));
      }
    }

    /// Software changes something, and drops what it must.
    void change() {
      switch (random.nextInt(8)) {
        case 0 -> remapping(random.nextBoolean());
        case 1 -> compatibility(random.nextBoolean());
        case 2 -> take();
        case 3, 4 -> changeDescriptor();
        default -> changeEntries();
      }
    }

    private void remapping(boolean on) {
      if (on) {
        machine.registers().enable(Command.IRE);
      } else {
        machine.registers().disable(Command.IRE);
      }
      switches = new Switches(on, switches.compatibility(), switches.irta());
    }

    private void compatibility(boolean passes) {
      if (passes) {
        machine.registers().enable(Command.CFI);
      } else {
        machine.registers().disable(Command.CFI);
      }
      switches = new Switches(switches.remapping(), passes, switches.irta());
    }

    /// Another table, or other destinations: remapping is off meanwhile.
    private void take() {
      remapping(false);
      table = tables.get(random.nextInt(tables.size()));
      Destinations wide = random.nextBoolean() ? Destinations.BITS_32 : Destinations.BITS_8;
      long irta = table.pointer(wide);
      if (random.nextInt(12) == 0) {
        irta |= 1L << 50;
      }
      machine.registers().write64(Offsets.IRTA, irta);
      machine.registers().command(Command.SIRTP);
      switches = new Switches(false, switches.compatibility(), irta);
      if (!machine.facts().enhancedInterruptTablePointer()) {
        machine.queue().complete(Descriptor.interruptsGlobal());
      }
      remapping(true);
    }

    private void changeEntries() {
      int mask = random.nextInt(4);
      int first = random.nextInt(Math.min(table.size(), 256)) >>> mask << mask;
      for (int index = first; index < Math.min(first + (1 << mask), 256); index++) {
        if (index < table.size()) {
          table.set(index, entry());
        }
      }
      machine
          .queue()
          .complete(
              random.nextInt(4) == 0
                  ? Descriptor.interruptsGlobal()
                  : Descriptor.interrupts(first + random.nextInt(1 << mask), mask));
    }

    private long address() {
      if (random.nextInt(8) == 0) {
        return 0xfee0_0000L | random.nextInt(1 << 20);
      }
      int handle = random.nextInt(Math.min(table.size() + 4, 300));
      return 0xfee0_0000L | (long) handle << 5 | 1 << 4 | random.nextInt(2) << 3;
    }

    private int data() {
      return switch (random.nextInt(4)) {
        case 0 -> random.nextInt();
        case 1 -> random.nextInt(4);
        default -> 0;
      };
    }

    /// One interrupt, for both.
    void interrupt() {
      int source = source();
      long address = address();
      int data = data();
      Verdict expected = naive.remap(switches, source, address, data);
      Completion completion = machine.device(source).message(address, data);
      String what =
          "%#x to %#x by %04x, world %d, interrupt %d, %s"
              .formatted(data, address, source, number, interrupts++, SEED);
      assertThat(completion.isSuccess()).as(what).isEqualTo(!expected.refused());
      List<Message> sent = machine.delivered().take();
      assertThat(sent).as(what).containsExactlyElementsOf(expected.message().stream().toList());
      assertThat(machine.faults().take())
          .as(what)
          .containsExactlyElementsOf(expected.record().stream().toList());
      expected
          .written()
          .forEach(
              (at, word) -> assertThat(machine.memory().readLong(at)).as(what).isEqualTo(word));
      successes += expected.refused() ? 0 : 1;
    }
  }

  @Test
  void theUnitAgreesWithTheNaiveRemapperWhileSoftwareChangesEverything() {
    int interrupts = 0;
    int successes = 0;
    for (int number = 0; number < WORLDS; number++) {
      World world = new World(number);
      world.take();
      for (int i = 0; i < CHANGES; i++) {
        for (int n = 0; n < INTERRUPTS_PER_CHANGE; n++) {
          world.interrupt();
        }
        world.change();
      }
      interrupts += world.interrupts;
      successes += world.successes;
    }
    System.out.printf("%,d interrupts, %,d successful, %s%n", interrupts, successes, SEED);
    assertThat(interrupts).isGreaterThanOrEqualTo(100_000);
    assertThat(successes).as("the tables are not only hostile").isGreaterThan(interrupts / 5);
  }
}
