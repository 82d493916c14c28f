package dev.portcullis.vmm.engine.embedded;

import dev.portcullis.guest.port.PoweredOffError;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.engine.ConsoleLog;
import dev.portcullis.vmm.engine.Engine;
import dev.portcullis.vmm.engine.EngineConsole;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.engine.FunctionSlots;
import dev.portcullis.vmm.engine.Preparation;
import dev.portcullis.vmm.engine.StateKeeper;
import dev.portcullis.vmm.partition.ProcessorView;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Runs a partition whose software is Java.
///
/// Its threads are its processors: they end when the power goes, at their next access to the
/// machine or when they next wait.
public final class EmbeddedEngine implements Engine, FunctionSlots {
  private static final int CONSOLE_BYTES = 64 << 10;
  private static final long END_MILLIS = 5_000;

  private final String name;
  private final Software software;
  private final InterruptUnit interrupts;
  private final Power power = new Power();
  private final EmbeddedMachine machine;
  private final Map<RequesterId, PciFunction> functions = new ConcurrentHashMap<>();
  private final ConsoleLog log = new ConsoleLog(CONSOLE_BYTES);
  private final StateKeeper state;
  private final Preparation preparation;
  private final ReentrantLock turn = new ReentrantLock(true);
  private int stops;
  private ThreadGroup processors;
  private Thread first;
  private volatile Keyboard keyboard;

  /// Off, with no functions.
  ///
  /// @param name of the partition
  /// @param memory the partition's
  /// @param ramBytes how much of it there is, from 0 on
  /// @param interrupts the partition's; the engine closes them
  public EmbeddedEngine(
      String name,
      ProcessorView memory,
      long ramBytes,
      InterruptUnit interrupts,
      Software software) {
    this(name, memory, ramBytes, interrupts, software, Preparation.NONE);
  }

  /// @param preparation done before the software begins, each time
  public EmbeddedEngine(
      String name,
      ProcessorView memory,
      long ramBytes,
      InterruptUnit interrupts,
      Software software,
      Preparation preparation) {
    this.name = name;
    this.preparation = preparation;
    this.software = software;
    this.interrupts = interrupts;
    this.machine = new EmbeddedMachine(memory, ramBytes, interrupts, power);
    this.state = new StateKeeper(name);
    interrupts.onCrash(this::crashed);
  }

  @Override
  public void plug(RequesterId at, PciFunction function) {
    functions.put(at, function);
    machine.plug(at, function);
    tellOfFunctions();
  }

  @Override
  public void unplug(RequesterId at) {
    functions.remove(at);
    machine.unplug(at);
    tellOfFunctions();
  }

  private void tellOfFunctions() {
    if (state.state().is(Phase.RUNNING)) {
      software.functionsChanged();
    }
  }

  @Override
  public String kind() {
    return "embedded";
  }

  // What begins the guest, or has it stand still for a while, takes its turn. What stops it for
  // good
  // waits for nobody, and a beginning that is under way does not come about.

  /// What is done in turn.
  private interface Work {
    void run() throws EngineException, InterruptedException;
  }

  private void inTurn(String what, Duration limit, Work work)
      throws EngineException, InterruptedException {
    if (!turn.tryLock(limit.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new EngineException(
          "cannot %s partition %s: another call is not over yet".formatted(what, name));
    }
    try {
      work.run();
    } finally {
      turn.unlock();
    }
  }

  @Override
  public void start(Duration limit) throws EngineException, InterruptedException {
    inTurn("start", limit, this::start);
  }

  private void start() throws EngineException, InterruptedException {
    int before;
    synchronized (this) {
      state.demand("start", Phase.OFF, Phase.FAILED);
      before = stops;
      end();
    }
    prepareAndBegin(before);
  }

  /// @param before how often it had been stopped when this was asked for
  private void prepareAndBegin(int before) throws EngineException, InterruptedException {
    try {
      preparation.run();
    } catch (EngineException e) {
      fail(before, e);
      throw e;
    } catch (InterruptedException e) {
      fail(before, new EngineException("interrupted before it began"));
      throw e;
    }
    synchronized (this) {
      if (stops != before) {
        throw new EngineException("partition %s is %s".formatted(name, state.state()));
      }
      begin();
    }
  }

  private synchronized void fail(int before, EngineException why) {
    if (stops == before) {
      state.set(EngineState.of(Phase.FAILED, why.getMessage()));
    }
  }

  private void begin() {
    interrupts.forgetHandlers();
    power.on();
    processors = new Processors();
    log.line("partition %s begins, %d MiB of memory".formatted(name, machine.ramBytes() >> 20));
    keyboard = new Keyboard(power, software, log);
    first =
        Thread.ofPlatform()
            .group(processors)
            .daemon()
            .name(name + " processor")
            .unstarted(this::run);
    Thread shell =
        Thread.ofPlatform()
            .group(processors)
            .daemon()
            .name(name + " keyboard")
            .unstarted(keyboard::read);
    state.begun();
    first.start();
    shell.start();
  }

  /// The threads of the guest. What one of them throws ends the guest.
  private final class Processors extends ThreadGroup {
    private Processors() {
      super(name);
    }

    @Override
    public void uncaughtException(Thread thread, Throwable thrown) {
      crashed(thrown);
    }
  }

  private void run() {
    try {
      software.run(machine, log);
      state.change(EnumSet.of(Phase.RUNNING, Phase.PAUSED), EngineState.of(Phase.OFF));
      power.off();
    } catch (Exception e) {
      crashed(e);
    }
  }

  private void crashed(Throwable thrown) {
    if (!(thrown instanceof PoweredOffError) && state.state().is(Phase.RUNNING)) {
      log.line("panic: " + thrown);
      state.change(
          EnumSet.of(Phase.RUNNING, Phase.PAUSED),
          EngineState.of(Phase.HALTED, "it panicked: " + thrown));
      power.off();
    }
  }

  @Override
  public void pause(Duration limit) throws EngineException, InterruptedException {
    inTurn("pause", limit, this::pause);
  }

  private synchronized void pause() throws EngineException {
    state.demand("pause", Phase.RUNNING);
    power.stop();
    state.change(EnumSet.of(Phase.RUNNING), EngineState.of(Phase.PAUSED));
  }

  @Override
  public void resume(Duration limit) throws EngineException, InterruptedException {
    inTurn("resume", limit, this::resume);
  }

  private synchronized void resume() throws EngineException {
    state.demand("resume", Phase.PAUSED);
    state.set(EngineState.of(Phase.RUNNING));
    power.on();
  }

  /// Its threads run on whatever the host has.
  @Override
  public int processors() {
    return Runtime.getRuntime().availableProcessors();
  }

  @Override
  public void reset(Duration limit) throws EngineException, InterruptedException {
    inTurn("reset", limit, this::reset);
  }

  private void reset() throws EngineException, InterruptedException {
    int before;
    synchronized (this) {
      state.demand("reset", Phase.RUNNING, Phase.PAUSED, Phase.HALTED);
      before = stops;
      end();
    }
    prepareAndBegin(before);
  }

  @Override
  public synchronized void halt(String reason, Duration limit) throws EngineException {
    stops++;
    state.demand("halt", Phase.RUNNING, Phase.PAUSED);
    state.set(EngineState.of(Phase.HALTED, reason));
    end();
  }

  @Override
  public boolean powerDown(Duration limit) throws EngineException, InterruptedException {
    state.demand("power down", Phase.RUNNING);
    software.powerButton();
    boolean down = state.await(EnumSet.of(Phase.OFF), System.nanoTime() + limit.toNanos());
    if (down) {
      kill();
    }
    return down;
  }

  @Override
  public synchronized void kill() {
    stops++;
    state.set(EngineState.of(Phase.OFF));
    end();
  }

  /// No thread of the guest reaches the machine any more, and its functions are reset.
  private void end() {
    power.off();
    if (processors != null) {
      processors.interrupt();
      join(first);
    }
    functions.values().forEach(PciFunction::reset);
  }

  private static void join(Thread thread) {
    if (thread != Thread.currentThread()) {
      try {
        thread.join(END_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
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

  @Override
  public Optional<EngineConsole> console() {
    return Optional.of(new Console());
  }

  private final class Console implements EngineConsole {
    @Override
    public ConsoleLog log() {
      return log;
    }

    @Override
    public void type(String text) throws EngineException {
      if (!state.state().is(Phase.RUNNING) && !state.state().is(Phase.PAUSED)) {
        throw new EngineException(
            "partition %s takes nothing: it is %s".formatted(name, state.state()));
      }
      keyboard.type(text);
    }
  }

  @Override
  public void close() {
    kill();
    interrupts.close();
    log.close();
    state.close();
  }
}
