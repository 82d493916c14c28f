package dev.portcullis.vmm.engine.embedded;

import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.vmm.engine.ConsoleLog;

/// What runs in an embedded partition, from power-on to power-off.
public interface Software {

  /// Boots, and works until it is asked to shut down: on the partition's first thread, and on more
  /// of its own (platform threads; each ends when the machine is without power, and interrupts mean
  /// that it soon is).
  ///
  /// @param console what it has to say
  /// @throws Exception if it cannot go on: the partition halts then
  void run(GuestMachine machine, ConsoleLog console) throws Exception;

  /// A function was plugged in or pulled out. Called on any thread; returns at once.
  void functionsChanged();

  /// The power button is pressed: [#run] is to return soon. Called on any thread, at any time.
  void powerButton();

  /// Somebody has typed a line on the console. Called on a thread of the partition.
  ///
  /// @return what is to be said
  default String command(String line) throws InterruptedException {
    return "nothing here takes commands";
  }
}
