package dev.portcullis.vmm.engine.qemu;

import dev.portcullis.qemu.run.Console;
import dev.portcullis.vmm.engine.ConsoleLog;
import dev.portcullis.vmm.engine.EngineConsole;
import dev.portcullis.vmm.engine.EngineException;
import java.time.Duration;
import java.util.Optional;

/// The serial console of a partition, through all lives of its guest.
final class SerialConsole implements EngineConsole, AutoCloseable {
  private static final int KEPT_BYTES = 1 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final String name;
  private final ConsoleLog log = new ConsoleLog(KEPT_BYTES);
  private volatile Optional<Keyboard> keyboard = Optional.empty();

  /// @param name of the partition
  SerialConsole(String name) {
    this.name = name;
  }

  /// A machine begins, with this console.
  void connect(Console console) {
    keyboard = Optional.of(new Keyboard(name, console::type, PATIENCE));
    console.listen(log::append);
  }

  /// The machine has ended.
  void disconnect() {
    keyboard.ifPresent(Keyboard::close);
    keyboard = Optional.empty();
  }

  @Override
  public ConsoleLog log() {
    return log;
  }

  @Override
  public void type(String text) throws EngineException {
    Optional<Keyboard> now = keyboard;
    if (now.isEmpty()) {
      throw new EngineException("partition " + name + " takes nothing: it is off");
    }
    now.get().type(text);
  }

  @Override
  public void close() {
    disconnect();
    log.close();
  }
}
