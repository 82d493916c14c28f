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
import dev.portcullis.vmm.engine.StateKeeper;
import dev.portcullis.vmm.partition.ProcessorView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
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
  private ThreadGroup processors;
  private Thread first;

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
    this.name = name;
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

  @Override
  public synchronized void start(Duration limit) throws EngineException {
    state.demand("start", Phase.OFF, Phase.FAILED);
    begin();
  }

  private void begin() {
    interrupts.forgetHandlers();
    power.on();
    processors = new Processors();
    first =
        Thread.ofPlatform()
            .group(processors)
            .daemon()
            .name(name + " processor")
            .unstarted(this::run);
    state.set(EngineState.of(Phase.RUNNING));
    first.start();
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
  public synchronized void pause(Duration limit) throws EngineException {
    state.demand("pause", Phase.RUNNING);
    power.stop();
    state.change(EnumSet.of(Phase.RUNNING), EngineState.of(Phase.PAUSED));
  }

  @Override
  public synchronized void resume(Duration limit) throws EngineException {
    state.demand("resume", Phase.PAUSED);
    state.set(EngineState.of(Phase.RUNNING));
    power.on();
  }

  @Override
  public synchronized void reset(Duration limit) throws EngineException, InterruptedException {
    state.demand("reset", Phase.RUNNING, Phase.PAUSED, Phase.HALTED);
    end();
    begin();
  }

  @Override
  public synchronized void halt(String reason, Duration limit) throws EngineException {
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
      throw new EngineException("partition " + name + " has no keyboard");
    }

    @Override
    public Optional<Path> socket() {
      return Optional.empty();
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
