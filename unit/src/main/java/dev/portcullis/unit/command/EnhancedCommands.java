package dev.portcullis.unit.command;

import static dev.portcullis.spec.register.CommandRegisters.CMD;
import static dev.portcullis.spec.register.CommandRegisters.DISABLE_COUNTER;
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

import dev.portcullis.unit.monitor.Monitor;
import dev.portcullis.unit.register.Cell;
import dev.portcullis.unit.register.RegisterFile;

/// Carries out enhanced commands, all of which are about counters. A command has ended when the
/// write that started it has; so none is ever in progress, and none is aborted.
///
/// @vtd 11.4.14 Enhanced Command Registers
public final class EnhancedCommands {
  private final RegisterFile file;
  private final Cell response;
  private final Monitor monitor;

  private EnhancedCommands(RegisterFile file, Monitor monitor) {
    this.file = file;
    this.monitor = monitor;
    this.response = file.cell(ECRSP);
  }

  /// From now on, commands written to the registers of `file` are carried out.
  public static void serve(RegisterFile file, Monitor monitor) {
    EnhancedCommands commands = new EnhancedCommands(file, monitor);
    file.cell(ECMD).onCommand(CMD, (before, after, written) -> commands.obey(after));
  }

  private void obey(long command) {
    int number = CMD.intOf(command);
    boolean announced = file.features().commands(number);
    int status = announced ? execute(number, OPERAND.of(command)) : UNDEFINED;
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
