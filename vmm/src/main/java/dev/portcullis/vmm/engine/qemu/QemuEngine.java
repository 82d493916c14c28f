package dev.portcullis.vmm.engine.qemu;

import dev.portcullis.driver.interrupt.InterruptTable;
import dev.portcullis.linux.LinuxException;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.qemu.run.QemuCommandLine;
import dev.portcullis.qemu.run.QemuException;
import dev.portcullis.qemu.run.QemuProcess;
import dev.portcullis.qemu.run.QemuRefusal;
import dev.portcullis.vmm.engine.BootRefusedException;
import dev.portcullis.vmm.engine.Engine;
import dev.portcullis.vmm.engine.EngineConsole;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.engine.FunctionSlots;
import dev.portcullis.vmm.engine.StateKeeper;
import dev.portcullis.vmm.engine.qemu.QemuPlan.Resets;
import dev.portcullis.vmm.interrupt.Delivery;
import dev.portcullis.vmm.interrupt.InterruptRouter;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Runs a partition as a QEMU process: its RAM is the partition's window of the machine's memory,
/// its functions are the machine's, over vfio-user. What runs in it is an unmodified Linux, say.
///
/// A QEMU that dies or hangs is FAILED with the reason: at the next call, within its limit, or when
/// it has given no sign of life for as long as the plan's watch says.
public final class QemuEngine implements Engine, FunctionSlots {
  private static final System.Logger LOG = System.getLogger(QemuEngine.class.getName());
  private static final String STATUS = "query-status";
  private static final Duration PLUG_LIMIT = Duration.ofSeconds(20);
  private static final Duration RESTART_LIMIT = Duration.ofMinutes(1);

  private final String name;
  private final QemuPlan plan;
  private final InterruptInjector interrupts;
  private final SerialConsole console;
  private final StateKeeper state;
  private final Map<RequesterId, PciFunction> functions =
      new ConcurrentSkipListMap<>((one, other) -> Integer.compare(one.id(), other.id()));
  private final ReentrantLock turn = new ReentrantLock(true);
  private final AtomicInteger kills = new AtomicInteger();
  private final List<Runnable> onBoot = new CopyOnWriteArrayList<>();
  private final AtomicLong boots = new AtomicLong();
  private volatile Optional<Life> life = Optional.empty();

  private QemuEngine(
      String name,
      QemuPlan plan,
      InterruptRouter router,
      Optional<InterruptTable> postingTable,
      SerialConsole console) {
    this.name = name;
    this.plan = plan;
    this.console = console;
    this.interrupts = new InterruptInjector(name, router, postingTable, this::post);
    this.state = new StateKeeper(name);
  }

  /// An engine that is off, without functions.
  ///
  /// @param name of the partition
  /// @param router where the unit's interrupts go
  /// @param postingTable the unit's, if it can post interrupts
  public static QemuEngine open(
      String name, QemuPlan plan, InterruptRouter router, Optional<InterruptTable> postingTable) {
    return new QemuEngine(name, plan, router, postingTable, new SerialConsole(name));
  }

  @Override
  public int processors() {
    return plan.processors();
  }

  /// How interrupts of its functions get into the guest.
  public Delivery interrupts() {
    return interrupts;
  }

  /// A guest that runs finds it behind a port of its own, if one is free, until it is reset; then,
  /// and if none is free, it is on the root bus from the next reset on. There a function that is
  /// not the first of its device gets a device to itself.
  @Override
  public void plug(RequesterId at, PciFunction function) {
    functions.put(at, function);
    try {
      inTurn("give a function to", PLUG_LIMIT, _ -> plugNow(at, function));
    } catch (EngineException e) {
      LOG.log(Level.INFO, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void plugNow(RequesterId at, PciFunction function)
      throws EngineException, InterruptedException {
    if (life.isEmpty() || life.get().has(function)) {
      return;
    }
    try {
      Plugged served = serve(at, function);
      boolean isIn = false;
      try {
        isIn = life.get().plug(served);
      } finally {
        if (!isIn) {
          served.close();
        }
      }
    } catch (QemuException | LinuxException e) {
      throw new EngineException(
          "partition %s finds %s after its next reset: %s".formatted(name, at, e.getMessage()), e);
    }
  }

  /// A guest that runs is asked to give back what has appeared while it ran. In any case it cannot
  /// reach it any more; the function is reset.
  @Override
  public void unplug(RequesterId at) {
    PciFunction gone = functions.remove(at);
    if (gone != null) {
      life.ifPresent(now -> {
        if (state.state().is(Phase.RUNNING)) {
          now.askBack(at);
        }
        now.unplug(at);
      });
      gone.reset();
    }
  }

  /// A number that grows when the guest begins anew: was started, or reset, by itself or us.
  public long boots() {
    return boots.get();
  }

  /// Has `listener` called whenever the guest begins anew, on a thread that must not wait.
  public void onBoot(Runnable listener) {
    onBoot.add(listener);
  }

  private void booted() {
    boots.incrementAndGet();
    onBoot.forEach(Runnable::run);
  }

  /// The process, while there is one.
  public Optional<QemuProcess> process() {
    return life.map(Life::process);
  }

  @Override
  public String kind() {
    return "qemu";
  }

  private boolean post(long address, int data) {
    Optional<Life> now = life;
    return now.isPresent()
        && now.get().functions().stream().anyMatch(one -> one.post(address, data));
  }

  // Each change of state takes its turn.

  /// What is done in turn.
  private interface Work {
    void run(long deadlineNanos) throws EngineException, InterruptedException;
  }

  private void inTurn(String what, Duration limit, Work work)
      throws EngineException, InterruptedException {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    if (!turn.tryLock(limit.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new EngineException(
          "cannot %s partition %s: another call is not over yet".formatted(what, name));
    }
    try {
      work.run(deadlineNanos);
    } finally {
      turn.unlock();
    }
  }

  private static Duration left(long deadlineNanos) {
    return Duration.ofNanos(Math.max(1_000_000, deadlineNanos - System.nanoTime()));
  }

  @Override
  public void start(Duration limit) throws EngineException, InterruptedException {
    inTurn(
        "start",
        limit,
        deadline -> {
          state.demand("start", Phase.OFF, Phase.FAILED);
          begin(deadline);
        });
  }

  private void begin(long deadlineNanos) throws EngineException, InterruptedException {
    int killsBefore = kills.get();
    long askedNanos = System.nanoTime();
    QemuCommandLine line = line(killsBefore);
    Life next = launch(line, deadlineNanos + System.nanoTime() - askedNanos);
    life = Optional.of(next);
    console.connect(next.process().console());
    next.process().qmp().listen(event -> heard(next, event));
    next.process().onExit().thenAccept(code -> Thread.ofVirtual().start(() -> exited(next, code)));
    command(next, "cont", deadlineNanos + System.nanoTime() - askedNanos);
    if (kills.get() != killsBefore) {
      end(next, EngineState.of(Phase.OFF));
    }
    settle(next, EngineState.of(Phase.RUNNING));
    booted();
    Thread.ofVirtual().name(name + " watch").start(() -> watch(next));
  }

  /// The machine with what its guest boots.
  ///
  /// @param killsBefore how often it had been killed when this was asked for
  private QemuCommandLine line(int killsBefore) throws EngineException, InterruptedException {
    QemuCommandLine line;
    try {
      line = plan.line();
    } catch (BootRefusedException e) {
      refuse(killsBefore, e.getMessage());
      throw e;
    } catch (EngineException e) {
      refuse(killsBefore, e.getMessage());
      throw new EngineException("cannot start partition %s: %s".formatted(name, e.getMessage()), e);
    } catch (InterruptedException e) {
      refuse(killsBefore, "interrupted before it began");
      throw e;
    }
    if (kills.get() != killsBefore) {
      state.set(EngineState.of(Phase.OFF));
      throw new EngineException("partition %s is %s".formatted(name, state.state()));
    }
    return line;
  }

  private void refuse(int killsBefore, String why) {
    state.set(
        kills.get() == killsBefore ? EngineState.of(Phase.FAILED, why) : EngineState.of(Phase.OFF));
  }

  private Life launch(QemuCommandLine line, long deadlineNanos)
      throws EngineException, InterruptedException {
    List<Plugged> plugged = new ArrayList<>();
    try {
      for (Map.Entry<Integer, RequesterId> place : Places.of(functions.keySet()).entrySet()) {
        Plugged served = serve(place.getValue(), functions.get(place.getValue()));
        plugged.add(served);
        line.vfioUser(Integer.toHexString(place.getKey()), served.server().socket());
      }
      return new Life(QemuProcess.start(plan.qemu(), line, left(deadlineNanos)), plugged);
    } catch (QemuException | LinuxException | EngineException e) {
      plugged.forEach(Plugged::close);
      state.set(EngineState.of(Phase.FAILED, e.getMessage()));
      throw new EngineException("cannot start partition %s: %s".formatted(name, e.getMessage()), e);
    }
  }

  private Plugged serve(RequesterId at, PciFunction function) throws LinuxException {
    String socket = "%04x.sock".formatted(at.id());
    return Plugged.serve(at, function, plan.folder().resolve(socket), plan.window().first());
  }

  /// The new state, unless the process has ended meanwhile.
  private void settle(Life of, EngineState next) throws EngineException {
    if (!of.ifNotOver(() -> state.set(next))) {
      throw new EngineException("partition %s is %s".formatted(name, state.state()));
    }
  }

  private JsonNode command(Life to, String command, long deadlineNanos)
      throws EngineException, InterruptedException {
    try {
      return to.execute(command, left(deadlineNanos));
    } catch (QemuRefusal e) {
      throw new EngineException("partition %s: %s".formatted(name, e.getMessage()), e);
    } catch (QemuException e) {
      end(to, to.afterFailure(e));
      throw new EngineException("partition %s is %s".formatted(name, state.state()), e);
    }
  }

  private Life alive() throws EngineException {
    return life.orElseThrow(
        () -> new EngineException("partition %s is %s".formatted(name, state.state())));
  }

  @Override
  public void pause(Duration limit) throws EngineException, InterruptedException {
    inTurn(
        "pause",
        limit,
        deadline -> {
          state.demand("pause", Phase.RUNNING);
          Life now = alive();
          command(now, "stop", deadline);
          settle(now, EngineState.of(Phase.PAUSED));
        });
  }

  @Override
  public void resume(Duration limit) throws EngineException, InterruptedException {
    inTurn(
        "resume",
        limit,
        deadline -> {
          state.demand("resume", Phase.PAUSED);
          Life now = alive();
          command(now, "cont", deadline);
          settle(now, EngineState.of(Phase.RUNNING));
        });
  }

  @Override
  public void halt(String reason, Duration limit) throws EngineException, InterruptedException {
    inTurn(
        "halt",
        limit,
        deadline -> {
          state.demand("halt", Phase.RUNNING, Phase.PAUSED);
          Life now = alive();
          command(now, "stop", deadline);
          settle(now, EngineState.of(Phase.HALTED, reason));
        });
  }

  /// With other functions than it was started with, the process is another, too.
  @Override
  public void reset(Duration limit) throws EngineException, InterruptedException {
    inTurn(
        "reset",
        limit,
        deadline -> {
          state.demand("reset", Phase.RUNNING, Phase.PAUSED, Phase.HALTED);
          Life now = alive();
          if (plan.resets() == Resets.IN_PLACE && hasItsFunctions(now)) {
            reset(now, deadline);
          } else if (now.end()) {
            leave(now);
            begin(deadline);
          }
        });
  }

  private boolean hasItsFunctions(Life of) {
    return of.hasItsFunctions(Set.copyOf(functions.values()));
  }

  private void reset(Life now, long deadlineNanos) throws EngineException, InterruptedException {
    var done = now.nextReset();
    command(now, "system_reset", deadlineNanos);
    try {
      done.get(left(deadlineNanos).toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      end(now, EngineState.of(Phase.FAILED, "QEMU did not reset in time"));
      throw new EngineException("partition %s is %s".formatted(name, state.state()), e);
    }
    command(now, "cont", deadlineNanos);
    settle(now, EngineState.of(Phase.RUNNING));
  }

  @Override
  public boolean powerDown(Duration limit) throws EngineException, InterruptedException {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    inTurn(
        "power down",
        limit,
        deadline -> {
          state.demand("power down", Phase.RUNNING);
          command(alive(), "system_powerdown", deadline);
        });
    state.await(EnumSet.of(Phase.OFF, Phase.HALTED, Phase.FAILED), deadlineNanos);
    return state.state().is(Phase.OFF);
  }

  @Override
  public void kill() {
    kills.incrementAndGet();
    life.ifPresent(now -> end(now, EngineState.of(Phase.OFF)));
    state.change(EnumSet.of(Phase.FAILED), EngineState.of(Phase.OFF));
  }

  // What happens by itself.

  private void heard(Life to, JsonNode event) {
    switch (event.path("event").asString("")) {
      case "GUEST_PANICKED" ->
          to.ifNotOver(() -> state.set(EngineState.of(Phase.HALTED, "the guest panicked")));
      case "RESET" -> {
        to.ifNotOver(state::begunIfRunning);
        booted();
      }
      case "STOP" -> Thread.ofVirtual().start(() -> look(to));
      default -> {
        // Changes nothing.
      }
    }
    to.heard(event);
  }

  private void exited(Life gone, int code) {
    try {
      if (plan.resets() == Resets.ANEW && gone.wantedReset(code)) {
        beginAnew(gone);
      } else {
        end(gone, gone.afterExit(code));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// The guest wants to begin anew: it is asked for again what it boots.
  private void beginAnew(Life gone) throws InterruptedException {
    try {
      inTurn(
          "reset",
          RESTART_LIMIT,
          deadline -> {
            if (gone.end()) {
              leave(gone);
              begin(deadline);
            }
          });
    } catch (EngineException e) {
      end(gone, EngineState.of(Phase.FAILED, e.getMessage()));
      LOG.log(Level.WARNING, e.getMessage());
    }
  }

  /// Ends a process that still runs, and says why.
  private void end(Life gone, EngineState last) {
    if (gone.end()) {
      leave(gone);
      state.set(last);
    }
  }

  private void leave(Life gone) {
    gone.bury();
    console.disconnect();
    if (isNow(gone)) {
      life = Optional.empty();
    }
  }

  private boolean isNow(Life one) {
    return life.filter(now -> now == one).isPresent();
  }

  private void watch(Life over) {
    try {
      while (isNow(over)) {
        Thread.sleep(plan.watch().interval());
        look(over);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Asks QEMU how the guest is. Tells what nobody has asked for; waits for no turn, since whoever
  /// has it finds out himself.
  private void look(Life at) {
    try {
      String status = at.execute(STATUS, plan.watch().limit()).path("status").asString("");
      if (turn.tryLock()) {
        try {
          at.ifNotOver(() -> take(status));
        } finally {
          turn.unlock();
        }
      }
    } catch (QemuException e) {
      fail(at, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void fail(Life at, QemuException e) {
    try {
      end(at, at.afterFailure(e));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// Some of QEMU's states are ends: its processor cannot go on.
  private void take(String status) {
    switch (status) {
      case "internal-error", "io-error", "watchdog" ->
          state.set(EngineState.of(Phase.HALTED, "QEMU cannot go on: " + status));
      case "guest-panicked" ->
          state.change(
              EnumSet.of(Phase.RUNNING, Phase.PAUSED),
              EngineState.of(Phase.HALTED, "the guest panicked"));
      default -> {
        // As it was asked to be.
      }
    }
  }

  @Override
  public EngineState state() {
    return state.state();
  }

  @Override
  public void onChange(Consumer<EngineState> listener) {
    state.onChange(listener);
  }

  /// Asks QEMU, and nobody whom its guest could have answer.
  @Override
  public Optional<Paging> paging(Duration limit) throws EngineException, InterruptedException {
    try {
      return Registers.paging(alive().registers(limit));
    } catch (QemuException e) {
      throw new EngineException("partition %s: %s".formatted(name, e.getMessage()), e);
    }
  }

  @Override
  public Optional<EngineConsole> console() {
    return Optional.of(console);
  }

  @Override
  public void close() {
    kill();
    interrupts.close();
    console.close();
    state.close();
    removeFolder();
  }

  private void removeFolder() {
    try (Stream<Path> files = Files.list(plan.folder())) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(plan.folder());
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot remove " + plan.folder(), e);
    }
  }
}
