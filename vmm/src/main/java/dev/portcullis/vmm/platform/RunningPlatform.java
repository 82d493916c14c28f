package dev.portcullis.vmm.platform;

import dev.portcullis.devices.nvme.NvmeController;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.machine.DeviceMaker;
import dev.portcullis.machine.PlatformException;
import dev.portcullis.machine.chassis.Chassis;
import dev.portcullis.machine.chassis.HostMemory;
import dev.portcullis.pci.IntxLine;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.vmm.Lvmm;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.VmmException.Reason;
import dev.portcullis.vmm.assign.AssignedFunction;
import dev.portcullis.vmm.assign.Assignment;
import dev.portcullis.vmm.console.ConsoleSeats;
import dev.portcullis.vmm.engine.EngineConsole;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.event.EventBus;
import dev.portcullis.vmm.event.EventRing;
import dev.portcullis.vmm.fault.ActionFailedException;
import dev.portcullis.vmm.fault.DeviceStop;
import dev.portcullis.vmm.fault.FaultDesk;
import dev.portcullis.vmm.fault.FaultEvent;
import dev.portcullis.vmm.fault.RestrainedPort;
import dev.portcullis.vmm.fault.Tempo;
import dev.portcullis.vmm.interrupt.InterruptRouter;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.partition.Partition;
import dev.portcullis.vmm.platform.PlatformEvent.FunctionState;
import dev.portcullis.vmm.platform.boot.BootDecision;
import dev.portcullis.vmm.platform.boot.BootDisk;
import dev.portcullis.vmm.platform.boot.BootGate;
import dev.portcullis.vmm.platform.description.Addition;
import dev.portcullis.vmm.platform.description.PartitionDescription;
import dev.portcullis.vmm.platform.description.PartitionDescription.EngineKind;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// A platform at work.
///
/// ```
///   partition ── engine ── functions it was given ──▶ unit ──▶ memory
///       │                                               │
///       └── virtual network card ── cable ── another's  └─ faults ──▶ desk ──▶ events
/// ```
public final class RunningPlatform implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(RunningPlatform.class.getName());
  private static final Duration START_LIMIT = Duration.ofMinutes(1);
  private static final Duration POWER_LIMIT = Duration.ofSeconds(30);

  private final Additions additions;
  private final Consumer<PlatformEvent> listener;
  private final Instant started = Instant.now();
  private final InterruptRouter router = new InterruptRouter();
  private final HostMemory memory;
  private final Chassis chassis;
  private final Monitor.Started monitor;
  private final Map<RequesterId, MachineFunction> functions = new LinkedHashMap<>();
  private final PartitionBuilder builder;
  private final VirtualNetwork network = new VirtualNetwork(this);
  private final Management management;
  private final Optional<FaultWatch> faults;
  private final List<Consumer<FaultEvent.Refused>> faultWitnesses = new CopyOnWriteArrayList<>();
  private final List<BiConsumer<String, BootDecision>> bootWitnesses = new CopyOnWriteArrayList<>();
  private final GuestPlaces places;
  private final Map<String, ConsoleSeats> consoles = new ConcurrentHashMap<>();
  private volatile PlatformDescription description;

  /// Replaced as a whole: whoever walks through them may go on.
  private volatile Map<String, RunningPartition> partitions = Map.of();

  private RunningPlatform(
      PlatformDescription description, Path folder, Consumer<PlatformEvent> listener, BootGate gate)
      throws PlatformException {
    this.description = description;
    this.listener = listener;
    this.memory = HostMemory.of(description.machine().memoryBytes());
    try {
      this.chassis =
          Chassis.of(
              description.machine(),
              memory.map(),
              router,
              new DeviceMaker(folder, Optional.empty()),
              at -> IntxLine.unconnected(),
              RestrainedPort::new);
    } catch (PlatformException e) {
      memory.close();
      throw e;
    }
    try {
      this.monitor = Monitor.start(description, memory, unit());
      this.management = Management.start(this, description.management());
      this.faults = Optional.of(watchFaults());
    } catch (PlatformException e) {
      chassis.close();
      memory.close();
      throw e;
    }
    lvmm()
        .physical()
        .quarantine()
        .onTrouble(trouble -> tell(new PlatformEvent.Trouble(trouble.getMessage())));
    chassis.enableVirtualFunctions();
    this.places = new GuestPlaces(chassis.slots());
    this.builder = new PartitionBuilder(this, router, new Admission(this, gate));
    this.additions = new Additions(this, builder, network);
    for (Chassis.Slot slot : chassis.slots()) {
      functions.put(slot.at(), MachineFunction.of(description, slot));
    }
  }

  /// Puts a platform together and starts its partitions.
  ///
  /// @param folder for disks whose file nobody named
  /// @param listener told what happens, on any thread; must not wait for the platform
  /// @throws PlatformException if something of it cannot be had
  public static RunningPlatform start(
      PlatformDescription description, Path folder, Consumer<PlatformEvent> listener)
      throws PlatformException, InterruptedException {
    return start(description, folder, listener, BootGate.OPEN);
  }

  /// The same with a gate. Partitions that it refuses are FAILED; the others start.
  ///
  /// @param gate asked before a partition begins, each time
  public static RunningPlatform start(
      PlatformDescription description, Path folder, Consumer<PlatformEvent> listener, BootGate gate)
      throws PlatformException, InterruptedException {
    RunningPlatform platform = new RunningPlatform(description, folder, listener, gate);
    try {
      platform.build();
      return platform;
    } catch (PlatformException | InterruptedException e) {
      platform.close();
      throw e;
    }
  }

  private FaultWatch watchFaults() throws PlatformException {
    FaultDesk desk =
        new FaultDesk(driver(), lvmm().assignments(), Tempo.DEFAULT, System::nanoTime, this::tell);
    desk.onEach(management::judge);
    desk.onEach(fault -> faultWitnesses.forEach(witness -> witness.accept(fault)));
    try {
      return new FaultWatch(
          driver().faultEvent(), desk, router, trouble -> tell(new PlatformEvent.Trouble(trouble)));
    } catch (DriverException e) {
      throw new PlatformException("cannot watch faults: " + e.getMessage(), e);
    }
  }

  private void tell(FaultEvent event) {
    tell(new PlatformEvent.Fault(event));
  }

  /// Tells that something has happened.
  void tell(PlatformEvent event) {
    listener.accept(event);
    switch (event) {
      case PlatformEvent.Fault(FaultEvent fault) -> management.fault(fault);
      case PlatformEvent.StateChange(String partition, EngineState state) ->
          management.state(partition, state);
      case PlatformEvent.FunctionChange change -> management.function(change);
      case PlatformEvent.Trouble(String what) -> management.trouble(what);
      case PlatformEvent.Chosen _, PlatformEvent.Message _ -> {
        // For people who look on.
      }
    }
  }

  /// Whether the function at `at` was stopped: it stays its partition's, and reaches nothing.
  public boolean isStopped(RequesterId at) {
    return lvmm().assignments().isQuarantined(at);
  }

  /// Where the partition that the function at `at` belongs to finds it.
  RequesterId guestPlaceOf(RequesterId at) {
    return places.of(at);
  }

  /// How its partition sees the function at `at`, or saw it last.
  Optional<AssignedFunction> shown(RequesterId at) {
    return Optional.ofNullable(functions.get(at).shown().get());
  }

  private void build() throws PlatformException, InterruptedException {
    try {
      for (PartitionDescription partition : description.partitions()) {
        enter(builder.build(partition));
      }
      network.build(description.links());
      for (RunningPartition partition : partitions.values()) {
        for (RequesterId at : partition.description().devices()) {
          assign(at, partition.name());
        }
      }
      for (RunningPartition partition : partitions.values()) {
        startFirst(partition);
      }
    } catch (VmmException | EngineException | DriverException e) {
      throw new PlatformException(e.getMessage(), e);
    }
  }

  private synchronized void enter(RunningPartition partition) {
    Map<String, RunningPartition> more = new LinkedHashMap<>(partitions);
    more.put(partition.name(), partition);
    partitions = Collections.unmodifiableMap(more);
    partition
        .engine()
        .onChange(state -> tell(new PlatformEvent.StateChange(partition.name(), state)));
  }

  /// Has `partition` among the platform's.
  synchronized void enter(RunningPartition partition, Addition addition) {
    description = description.with(addition);
    enter(partition);
  }

  /// Has the partition called `name` no longer among the platform's.
  synchronized void leave(String name) {
    Map<String, RunningPartition> fewer = new LinkedHashMap<>(partitions);
    fewer.remove(name);
    partitions = Collections.unmodifiableMap(fewer);
    description = description.without(name);
    consoles.remove(name);
  }

  /// Adds a partition while the others go on.
  ///
  /// @throws VmmException if there is one of that name, or no memory, or a device is another's
  /// @throws EngineException if it cannot be made, or does not begin; it is not there then
  public void add(Addition wanted, Beginning beginning)
      throws VmmException, EngineException, InterruptedException {
    additions.add(wanted, beginning, START_LIMIT);
  }

  /// Takes the partition called `name` down while the others go on: its functions are released and
  /// its memory is overwritten.
  ///
  /// @throws VmmException if there is none, or the unit fails
  public void remove(String name) throws VmmException {
    additions.remove(name);
  }

  /// One that is refused, or does not start, is FAILED; that is told, and the others start.
  private static void startFirst(RunningPartition partition) throws InterruptedException {
    try {
      partition.engine().start(START_LIMIT);
    } catch (EngineException e) {
      LOG.log(Level.DEBUG, e.getMessage());
    }
  }

  /// Has `witness` told of every fault that is read, also of those that are not told one by one; on
  /// the thread that reads, so it must not wait.
  public void onFault(Consumer<FaultEvent.Refused> witness) {
    faultWitnesses.add(witness);
  }

  /// Has `witness` told each time it was decided whether a partition may begin, before anything is
  /// loaded into its memory; on the thread that begins it.
  public void onDecision(BiConsumer<String, BootDecision> witness) {
    bootWitnesses.add(witness);
  }

  /// Tells whether a partition may begin.
  void decided(String partition, BootDecision decision) {
    management.boot(partition, decision);
    bootWitnesses.forEach(witness -> witness.accept(partition, decision));
  }

  /// The disks of the partition called `name`, by place.
  public List<BootDisk> disks(String name) {
    return functions.values().stream()
        .filter(function -> isOf(name, function.at()))
        .filter(function -> function.function() instanceof NvmeController)
        .map(function ->
            new BootDisk(
                function.name(), function.at(), ((NvmeController) function.function()).blocks()))
        .toList();
  }

  /// The cards at the ends of the cables of the partition called `name`.
  public List<VirtualCard> virtualCards(String name) {
    return network.cards(name);
  }

  private boolean isOf(String partition, RequesterId at) {
    return lvmm()
        .assignments()
        .at(at)
        .filter(assignment -> assignment.partition().name().equals(partition))
        .isPresent();
  }

  /// Makes a partition with its memory mapped from guest physical address 0 on.
  Partition allocate(PartitionDescription wanted) throws VmmException {
    Partition partition = lvmm().create(wanted.name(), wanted.memoryBytes());
    partition.map(
        new PageRange(0, wanted.memoryBytes()), partition.window().first(), Rights.READ_WRITE);
    return partition;
  }

  /// Gives the function at `at` to a partition, reset: it appears on the partition's bus.
  ///
  /// @throws VmmException if there is no such function or partition, or it belongs to one already
  public void assign(RequesterId at, String partition) throws VmmException {
    RunningPartition to = partition(partition);
    MachineFunction function = function(at);
    if (function.staysWith().isPresent()) {
      throw new VmmException(Reason.IN_USE, "function " + function.staysWith().get());
    }
    demandTold(function, to);
    plug(lvmm().assignments().assign(function, to.partition()), to);
    tell(at, FunctionState.ASSIGNED, partition, Optional.empty());
  }

  /// A partition in QEMU knows its functions by what their requests carry.
  private static void demandTold(MachineFunction function, RunningPartition to)
      throws VmmException {
    if (!function.requester().equals(function.at())
        && to.description().engine() != EngineKind.EMBEDDED) {
      throw new VmmException(
          Reason.IN_USE,
          "function %s has requester ID %s: only a partition with engine embedded can have it"
              .formatted(function.at(), function.requester()));
    }
  }

  private void tell(RequesterId at, FunctionState state, String partition, Optional<String> from) {
    tell(new PlatformEvent.FunctionChange(at, description.nameOf(at), state, partition, from));
  }

  /// Takes the function at `at` from its partition: it is pulled out there, reset, and reaches
  /// nothing.
  ///
  /// @throws VmmException if it belongs to none, or the unit fails
  public void release(RequesterId at) throws VmmException {
    RunningPartition from = unplug(at);
    lvmm().assignments().release(at);
    from.interrupts().disconnect(at);
    tell(at, FunctionState.RELEASED, from.name(), Optional.empty());
  }

  /// Has the function at `at` reach nothing from now on, while it stays its partition's.
  ///
  /// @param at its place, or what its requests carry
  /// @param partition the name of the one that it should belong to
  /// @throws ActionFailedException if it belongs to none or another, or the unit fails
  void stop(RequesterId at, Optional<String> partition) throws ActionFailedException {
    new DeviceStop(lvmm().assignments()).stop(at, partition);
    tell(at, FunctionState.STOPPED, partition.orElseThrow(), Optional.empty());
  }

  /// Takes the function at `at` from its partition and gives it to another.
  ///
  /// @throws VmmException if it belongs to none, there is no such partition, or the unit fails
  public void reassign(RequesterId at, String partition) throws VmmException {
    RunningPartition to = partition(partition);
    demandTold(function(at), to);
    lvmm().assignments().demandTogether(function(at), to.partition());
    RunningPartition from = unplug(at);
    Assignment assignment = lvmm().assignments().reassign(at, to.partition());
    from.interrupts().disconnect(at);
    plug(assignment, to);
    tell(at, FunctionState.REASSIGNED, partition, Optional.of(from.name()));
  }

  /// @return whose it was
  private RunningPartition unplug(RequesterId at) throws VmmException {
    Assignment assignment =
        lvmm()
            .assignments()
            .at(at)
            .orElseThrow(() ->
                new VmmException(Reason.UNKNOWN, "function " + at + " belongs to no partition"));
    RunningPartition from = partition(assignment.partition().name());
    from.slots().unplug(places.of(at));
    return from;
  }

  private void plug(Assignment assignment, RunningPartition to) throws VmmException {
    MachineFunction function = function(assignment.function().at());
    AssignedFunction shown =
        new AssignedFunction(
            function.requester(),
            function.function(),
            assignment.interrupts(),
            to.interrupts(),
            e -> tell(new PlatformEvent.Trouble(e.getMessage())));
    function.show(shown);
    try {
      to.slots().plug(places.of(function.at()), shown);
    } catch (EngineException e) {
      lvmm().assignments().release(function.at());
      throw new VmmException(Reason.UNIT, e.getMessage(), e);
    }
  }

  /// Does something to a partition as a whole.
  ///
  /// @throws VmmException if there is no such partition
  /// @throws EngineException if it is not in a state for that, or does not do it in time
  public void power(PowerAction action, String partition)
      throws VmmException, EngineException, InterruptedException {
    action.on(this, partition(partition), POWER_LIMIT);
  }

  private MachineFunction function(RequesterId at) throws VmmException {
    MachineFunction function = functions.get(at);
    if (function == null) {
      throw new VmmException(Reason.UNKNOWN, "there is no function " + at);
    }
    return function;
  }

  /// The partition called `name`.
  ///
  /// @throws VmmException if there is none
  public RunningPartition partition(String name) throws VmmException {
    RunningPartition partition = partitions.get(name);
    if (partition == null) {
      throw new VmmException(Reason.UNKNOWN, "there is no partition " + name);
    }
    return partition;
  }

  /// The console of the partition called `name`.
  ///
  /// @throws VmmException if there is no such partition, or it has none
  public ConsoleSeats console(String name) throws VmmException {
    EngineConsole console =
        partition(name)
            .engine()
            .console()
            .orElseThrow(() -> new VmmException(Reason.UNKNOWN, name + " has no console"));
    return consoles.computeIfAbsent(
        name, _ -> new ConsoleSeats(name, console, what -> management.console(name, what)));
  }

  /// All partitions, in the order of the description.
  public List<RunningPartition> partitions() {
    return new ArrayList<>(partitions.values());
  }

  /// What it was made from, with what has been added since.
  public PlatformDescription description() {
    return description;
  }

  /// When it was started.
  public Instant started() {
    return started;
  }

  /// Memory of the firmware, which nobody else reaches.
  public PageRange firmware() {
    return monitor.firmware();
  }

  /// Memory of the monitor, which nobody else reaches.
  public PageRange own() {
    return monitor.own();
  }

  /// Physical memory.
  public HostMemory memory() {
    return memory;
  }

  public Lvmm lvmm() {
    return monitor.lvmm();
  }

  public RemappingDriver driver() {
    return monitor.driver();
  }

  /// The unit.
  public RemappingUnit unit() {
    return chassis.unit(description.machine().units().getFirst().id());
  }

  /// The machine.
  public Chassis chassis() {
    return chassis;
  }

  /// Where everything that happens is told, and more may be. It is the platform's to close.
  public EventBus events() {
    return management.bus();
  }

  /// Requests of the monitor's own through the unit, for whoever tests that: nobody else is told
  /// what is refused of them.
  ///
  /// @throws VmmException if there can be none
  public Probe openProbe() throws VmmException {
    return Probe.open(this, router, faults.orElseThrow().desk());
  }

  /// The latest events, from the start on.
  public EventRing latestEvents() {
    return management.latest();
  }

  /// Has what was refused until now told before it returns.
  public void readFaults() {
    faults.ifPresent(FaultWatch::look);
  }

  /// Switches everything off.
  @Override
  public void close() {
    partitions.values().forEach(partition -> partition.engine().kill());
    additions.end();
    faults.ifPresent(FaultWatch::close);
    management.close();
    for (MachineFunction function : functions.values()) {
      function.reset();
    }
    partitions.values().forEach(partition -> partition.engine().close());
    chassis.close();
    memory.close();
  }
}
