package dev.portcullis.vmm.engine;

import java.nio.file.Path;
import java.util.Optional;

/// A guest's console.
public interface EngineConsole {

  /// What the guest wrote.
  ConsoleLog log();

  /// Types on the guest's keyboard.
  ///
  /// @throws EngineException if nobody takes it: the guest is off
  void type(String text) throws EngineException;

  /// Where people attach: a Unix socket that sends the log, then all that comes, and takes what is
  /// typed.
  Optional<Path> socket();
}
