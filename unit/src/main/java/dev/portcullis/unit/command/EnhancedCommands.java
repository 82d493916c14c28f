package dev.portcullis.unit.command;

import static dev.portcullis.spec.register.CommandRegisters.CMD;
import static dev.portcullis.spec.register.CommandRegisters.DISABLE_COUNTER;
import static dev.portcullis.spec.register.CommandRegisters.ECCAP3;
import static dev.portcullis.spec.register.CommandRegisters.ECMD;
import static dev.portcullis.spec.register.CommandRegisters.ECRSP;
import static dev.portcullis.spec.register.CommandRegisters.ENABLE_COUNTER;
import static dev.portcullis.spec.register.CommandRegisters.FREEZE_ALL;
import static dev.portcullis.spec.register.CommandRegisters.OPERAND;
import static dev.portcullis.spec.register.CommandRegisters.RESET_CONFIGURATION;
import static dev.portcullis.spec.register.CommandRegisters.RESET_COUNTERS;
import static dev.portcullis.spec.register.CommandRegisters.SC;
import static dev.portcullis.spec.register.CommandRegisters.SPECIFIC;
import static dev.portcullis.spec.register.CommandRegisters.SUCCESS;
import static dev.portcullis.spec.register.CommandRegisters.UNDEFINED;
import static dev.portcullis.spec.register.CommandRegisters.UNFREEZE_ALL;

import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.monitor.Monitor;
import dev.portcullis.unit.register.Cell;
import dev.portcullis.unit.register.RegisterFile;

/// Carries out enhanced commands, all of which are about counters. A command has ended when the
/// write that started it has; so none is ever in progress, and none is aborted.
///
/// @vtd 11.4.14 Enhanced Command Registers
public final class EnhancedCommands {
  private static final int FIRST_IN_ECCAP3 = 0xc0;

  private final RegisterFile file;
  private final Cell response;
  private final Monitor monitor;
  private final boolean monitors;

  public EnhancedCommands(RegisterFile file, Monitor monitor) {
    this.file = file;
    this.monitor = monitor;
    this.monitors = file.capabilities().has(Feature.PERFORMANCE_MONITORING);
    this.response = file.cell(ECRSP);
    file.cell(ECMD).onCommand(CMD, (before, after, written) -> obey(after));
    identify();
  }

  /// The registers are as after power-on.
  public void identify() {
    if (monitors) {
      long commands = 0;
      for (int command = ENABLE_COUNTER; command <= UNFREEZE_ALL; command++) {
        commands |= 1L << command - FIRST_IN_ECCAP3;
      }
      file.cell(ECCAP3).set(commands);
    }
  }

  private void obey(long command) {
    int status = monitors ? execute(CMD.intOf(command), OPERAND.of(command)) : UNDEFINED;
    synchronized (file) {
      response.set(SC.encode(status));
    }
  }

  private int execute(int command, long operand) {
    return switch (command) {
      case ENABLE_COUNTER -> monitor.enable(operand) ? SUCCESS : SPECIFIC;
      case DISABLE_COUNTER -> monitor.disable(operand) ? SUCCESS : SPECIFIC;
      case RESET_CONFIGURATION -> done(monitor::resetConfigurations);
      case RESET_COUNTERS -> done(monitor::resetValues);
      case FREEZE_ALL -> done(() -> monitor.freeze(true));
      case UNFREEZE_ALL -> done(() -> monitor.freeze(false));
      default -> UNDEFINED;
    };
  }

  private static int done(Runnable action) {
    action.run();
    return SUCCESS;
  }
}
