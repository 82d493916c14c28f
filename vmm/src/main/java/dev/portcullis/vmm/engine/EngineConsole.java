package dev.portcullis.vmm.engine;

/// A guest's console. People come to it through the [dev.portcullis.vmm.console.ConsoleSeats] of
/// its partition.
public interface EngineConsole {

  /// What the guest wrote.
  ConsoleLog log();

  /// Types on the guest's keyboard.
  ///
  /// @throws EngineException if nobody takes it: the guest is off
  void type(String text) throws EngineException;
}
