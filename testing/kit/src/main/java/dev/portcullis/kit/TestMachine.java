package dev.portcullis.kit;

import dev.portcullis.kit.ats.Functions;
import dev.portcullis.kit.fault.FaultLog;
import dev.portcullis.kit.fault.Messages;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.queue.InvalidationQueue;
import dev.portcullis.kit.queue.Invalidator;
import dev.portcullis.kit.queue.RegisterInvalidation;
import dev.portcullis.kit.reference.Ask;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Facts;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.kit.table.Domain;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.UnitConfigurationBuilder;
import java.util.function.UnaryOperator;

/// One remapping unit, memory, and devices behind the unit.
///
/// ```java
/// TestMachine machine = TestMachine.withUnit().translating();
/// TestDevice device = machine.device("00:03.0").map(0x1000, page);
/// assertThat(device.read(0x1234)).isEqualTo(Outcome.at(page + 0x234));
/// ```
public final class TestMachine {
  private final UnitConfiguration configuration;
  private final GuestMemory memory = new GuestMemory();
  private final Messages messages = new Messages();
  private final Messages delivered = new Messages();
  private final Clock clock = new Clock();
  private final Functions functions = new Functions();
  private final RemappingUnit unit;
  private final Registers registers;
  private final FaultLog faults;
  private final long rootTable;
  private InvalidationQueue queue;
  private PageRequests pageRequests;
  private int nextDomain = 1;

  private TestMachine(UnitConfiguration configuration) {
    this.configuration = configuration;
    this.unit = new RemappingUnit(configuration, memory.map(), messages, clock);
    unit.connect(functions);
    this.registers = new Registers(unit, configuration.capabilities().hostAddressBits());
    this.faults = new FaultLog(registers);
    this.rootTable = memory.page();
  }

  /// A machine whose unit has the default configuration, everything off.
  public static TestMachine withUnit() {
    return withUnit(builder -> builder);
  }

  /// A machine whose unit differs from the default in `choices`, everything off.
  public static TestMachine withUnit(UnaryOperator<UnitConfigurationBuilder> choices) {
    return new TestMachine(choices.apply(UnitConfiguration.builder()).build());
  }

  /// Turns on the queue, if the unit has one, and translation from the machine's root table.
  public TestMachine translating() {
    if (facts().queuedInvalidation()) {
      queue().enable();
    }
    registers.setRootTable(rootTable);
    registers.enable(Command.TE);
    return this;
  }

  /// Turns on the queue, of wide descriptors, and translation by the tables of `mode`.
  ///
  /// @param mode bits 11 to 0 of RTADDR
  public TestMachine translating(long mode) {
    if (facts().queuedInvalidation()) {
      if (facts().scalableMode() || facts().abortMode()) {
        queue().enableWide();
      } else {
        queue().enable();
      }
    }
    registers.setRootTable(rootTable | mode);
    registers.enable(Command.TE);
    return this;
  }

  /// Gives page requests a queue of one page, empty.
  public PageRequests pageRequests() {
    if (pageRequests == null) {
      pageRequests = new PageRequests(this);
    }
    return pageRequests;
  }

  /// Makes a request.
  ///
  /// @return of a translation request the completion as a number in the place of an address
  public Outcome make(Ask ask) {
    TestDevice device = device(ask.sourceId());
    return switch (ask.kind()) {
      case UNTRANSLATED -> device.request(ask.prefix(), ask.request(), ask.address());
      case TRANSLATION -> device.translation(ask.prefix(), ask.address(), ask.noWrite());
      case TRANSLATED -> device.translated(ask.prefix(), ask.address(), ask.request());
      case PAGE -> pageRequests().make(ask);
    };
  }

  /// The function at `bus:device.function`.
  public TestDevice device(String address) {
    return device(RequesterId.parse(address).id());
  }

  /// The function whose requester-id is `sourceId`.
  public TestDevice device(int sourceId) {
    return new TestDevice(this, sourceId);
  }

  /// An empty domain with the next free id and the deepest tables up to 4 levels.
  public Domain domain() {
    return domain(nextDomain++, Math.min(4, facts().mostLevels()));
  }

  /// An empty domain.
  public Domain domain(int id, int levels) {
    return new Domain(memory, id, levels);
  }

  public UnitConfiguration configuration() {
    return configuration;
  }

  public RemappingUnit unit() {
    return unit;
  }

  public Registers registers() {
    return registers;
  }

  /// What the unit announces.
  public Facts facts() {
    return registers.facts();
  }

  public GuestMemory memory() {
    return memory;
  }

  /// A fresh page.
  public long page() {
    return memory.page();
  }

  public FaultLog faults() {
    return faults;
  }

  /// Messages of the unit's own.
  public Messages messages() {
    return messages;
  }

  /// Messages of devices that the unit let through.
  public Messages delivered() {
    return delivered;
  }

  /// What the unit's time limits go by.
  public Clock clock() {
    return clock;
  }

  /// The functions behind the unit, where it speaks to them.
  public Functions functions() {
    return functions;
  }

  /// Address of the machine's root table.
  public long rootTable() {
    return rootTable;
  }

  /// The queue; of one page, not yet enabled if this is the first call.
  public InvalidationQueue queue() {
    if (queue == null) {
      queue = new InvalidationQueue(registers, memory, 0);
    }
    return queue;
  }

  /// Invalidation the way this unit has it.
  public Invalidator invalidate() {
    return facts().queuedInvalidation()
        ? Invalidator.by(queue())
        : Invalidator.by(new RegisterInvalidation(registers));
  }
}
