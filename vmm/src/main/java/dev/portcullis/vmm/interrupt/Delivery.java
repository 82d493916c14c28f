package dev.portcullis.vmm.interrupt;

import dev.portcullis.driver.interrupt.InterruptBlock;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.pci.RequesterId;
import java.util.Optional;

/// How the interrupts of assigned functions reach a partition.
public interface Delivery {

  /// Has interrupt `number` of a function reach the partition as the message that its software
  /// wants: only if it comes from `source`.
  ///
  /// @param address of the message, as the partition's software has programmed it
  /// @param data of the message
  void connect(InterruptBlock block, int number, RequesterId source, long address, int data)
      throws DriverException;

  /// Forgets the interrupts of a function that the partition has no more. No entry of the unit's
  /// table names them by now.
  void disconnect(RequesterId source);

  /// Has the partition get a message at once: for functions that the monitor itself plays.
  void inject(long address, int data);

  /// How interrupts of assigned functions are delivered now.
  Way way();

  /// Why they cannot be delivered in `way`; empty if they can.
  Optional<String> obstacle(Way way);

  /// Has them delivered in another way, while they come: none is lost, none comes twice.
  ///
  /// @throws DriverException if the unit fails; then each is delivered in one of the ways
  void deliver(Way way) throws DriverException;

  /// How many came until now, either way.
  Traffic traffic();
}
