package dev.portcullis.vmm.engine.qemu;

import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.qemu.run.QemuException;
import dev.portcullis.qemu.run.QemuProcess;
import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.EngineState.Phase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// One QEMU process from start to end, with the functions it was started with, and what its monitor
/// has told.
final class Life {
  private static final Duration DEATH_LIMIT = Duration.ofSeconds(2);
  private static final Duration PLUG_LIMIT = Duration.ofSeconds(10);
  private static final long LAST_WORDS_MILLIS = 500;
  private static final int WORDS_CHARS = 600;
  private static final int SIGNALLED = 128;

  private final QemuProcess process;
  private final List<Plugged> functions;
  private final CompletableFuture<String> shutdown = new CompletableFuture<>();
  private volatile CompletableFuture<Void> reset = new CompletableFuture<>();
  private final HotPlug hotPlug = new HotPlug();
  private volatile boolean hasOthers;
  private boolean over;

  Life(QemuProcess process, List<Plugged> functions) {
    this.process = process;
    this.functions = new CopyOnWriteArrayList<>(functions);
  }

  QemuProcess process() {
    return process;
  }

  List<Plugged> functions() {
    return functions;
  }

  /// Whether `function` is there.
  boolean has(PciFunction function) {
    return functions.stream().anyMatch(one -> one.function() == function);
  }

  /// Has a function appear in the guest while it runs.
  ///
  /// @return whether there was room for it
  /// @throws QemuException if QEMU does not take it
  boolean plug(Plugged function) throws QemuException, InterruptedException {
    hasOthers = true;
    // First: its interrupts come as soon as it is there.
    functions.add(function);
    boolean isIn = false;
    try {
      isIn = hotPlug.add(process.qmp(), function, PLUG_LIMIT);
    } finally {
      if (!isIn) {
        functions.remove(function);
      }
    }
    return isIn;
  }

  /// Asks the guest, which must run, to give a function back, if it has appeared while it ran.
  void askBack(RequesterId at) {
    for (Plugged one : functions) {
      if (one.at().equals(at)) {
        try {
          hotPlug.remove(process.qmp(), one, PLUG_LIMIT);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  /// Takes a function away. If the guest has not given it back, the process still believes that it
  /// is there.
  void unplug(RequesterId at) {
    hasOthers = true;
    for (Plugged one : functions) {
      if (one.at().equals(at)) {
        functions.remove(one);
        one.close();
      }
    }
  }

  /// Whether `wanted` is what the process was started with, and has had ever since.
  boolean hasItsFunctions(Set<PciFunction> wanted) {
    return !hasOthers
        && functions.stream().map(Plugged::function).collect(Collectors.toSet()).equals(wanted);
  }

  /// Says that it is over.
  ///
  /// @return whether it was not before
  synchronized boolean end() {
    boolean first = !over;
    over = true;
    return first;
  }

  /// Runs `action` unless it is over; it does not end meanwhile.
  ///
  /// @return whether it ran
  synchronized boolean ifNotOver(Runnable action) {
    if (!over) {
      action.run();
    }
    return !over;
  }

  /// Takes note of an event.
  void heard(JsonNode event) {
    switch (event.path("event").asString("")) {
      case "SHUTDOWN" -> shutdown.complete(event.at("/data/reason").asString("unknown"));
      case "RESET" -> reset.complete(null);
      default -> {
        // Not what is waited for here.
      }
    }
    hotPlug.heard(event);
  }

  /// What will be complete when the machine was reset once more.
  CompletableFuture<Void> nextReset() {
    reset = new CompletableFuture<>();
    return reset;
  }

  /// What the monitor says of the first processor's registers, for people.
  String registers(Duration limit) throws QemuException, InterruptedException {
    return process
        .qmp()
        .execute("human-monitor-command", Map.of("command-line", "info registers"), limit)
        .asString("");
  }

  /// Has the monitor execute a command without arguments.
  JsonNode execute(String command, Duration limit) throws QemuException, InterruptedException {
    return process.qmp().execute(command, Map.of(), limit);
  }

  /// Whether a process that has ended with `code` did so since its guest wanted to begin anew.
  boolean wantedReset(int code) throws InterruptedException {
    return code == 0 && shutdownReason().equals("guest-reset");
  }

  /// What to make of it that the process has ended.
  EngineState afterExit(int code) throws InterruptedException {
    String reason = shutdownReason();
    if (code == 0 && reason.equals("guest-shutdown")) {
      return EngineState.of(Phase.OFF);
    }
    return EngineState.of(Phase.FAILED, exit(code, reason));
  }

  /// The event comes before the end, and may be read after it.
  private String shutdownReason() throws InterruptedException {
    try {
      return shutdown.get(LAST_WORDS_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException none) {
      return "";
    }
  }

  private String exit(int code, String reason) {
    if (code > SIGNALLED) {
      return "QEMU was killed by signal " + (code - SIGNALLED) + words();
    }
    return "QEMU ended with code " + code + (reason.isEmpty() ? "" : " (" + reason + ")") + words();
  }

  /// What to make of a command that failed.
  EngineState afterFailure(QemuException e) throws InterruptedException {
    OptionalInt code = process.awaitExit(Duration.ofMillis(LAST_WORDS_MILLIS));
    return code.isPresent()
        ? afterExit(code.getAsInt())
        : EngineState.of(Phase.FAILED, e.getMessage() + words());
  }

  private String words() {
    String said = process.messages();
    return said.isEmpty()
        ? ""
        : "; it says: " + said.substring(Math.max(0, said.length() - WORDS_CHARS));
  }

  /// Kills the process, and takes its functions from it, reset: in this order, so that it sets
  /// nothing going again. What the process leaves behind is cleared away later.
  void bury() {
    process.destroy();
    try {
      process.awaitExit(DEATH_LIMIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (Plugged one : functions) {
      one.close();
      one.function().reset();
    }
    Thread.ofVirtual().start(process::close);
  }
}
