package dev.portcullis.qtest.server;

import dev.portcullis.qtest.server.InterruptInputs.Level;
import java.util.Map;
import java.util.function.Consumer;

/// The commands about interrupt inputs. A device whose inputs are intercepted has each change of
/// one reported in a line of its own, `IRQ raise N` or `IRQ lower N`.
final class InterruptCommands {
  private final QtestMachine machine;
  private final Consumer<String> lines;
  private InterruptInputs intercepted;

  /// @param lines takes what is reported; from any thread
  InterruptCommands(QtestMachine machine, Consumer<String> lines) {
    this.machine = machine;
    this.lines = lines;
  }

  /// Adds the commands to `table`.
  void addTo(Map<String, Command> table) {
    table.put("irq_intercept_in", this::interceptIn);
    table.put("irq_intercept_out", this::interceptOut);
    table.put("set_irq_in", this::drive);
  }

  private InterruptInputs device(Words words) throws Refused {
    String path = words.word(1);
    return machine.inputs(path).orElseThrow(() -> new Refused("Unknown device"));
  }

  private String interceptIn(Words words) throws Refused {
    InterruptInputs device = device(words);
    if (words.has(2)) {
      throw new Refused("Interception of named in-GPIOs not yet supported");
    }
    if (intercepted != null && intercepted != device) {
      throw new Refused("IRQ intercept already enabled");
    }
    if (intercepted == null) {
      intercepted = device;
      device.watch(this::report);
    }
    return Command.OK;
  }

  /// No device of ours has outputs to intercept.
  private String interceptOut(Words words) throws Refused {
    device(words);
    throw new Refused("No intercepts installed");
  }

  private String drive(Words words) throws Refused {
    InterruptInputs device = device(words);
    words.word(2);
    long input = words.number(3);
    Level level = words.number(4) == 0 ? Level.LOW : Level.HIGH;
    if (input != (int) input || !device.drive((int) input, level)) {
      throw new Refused("no such input");
    }
    return Command.OK;
  }

  private void report(int input, Level level) {
    lines.accept("IRQ %s %d".formatted(level == Level.HIGH ? "raise" : "lower", input));
  }

  /// Ends the interception.
  void end() {
    if (intercepted != null) {
      intercepted.watch((_, _) -> {});
    }
  }
}
