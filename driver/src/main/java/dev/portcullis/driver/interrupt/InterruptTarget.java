package dev.portcullis.driver.interrupt;

import dev.portcullis.spec.interrupt.DeliveryMode;

/// Where an interrupt goes.
///
/// @param vector 8 bits
/// @param destination local APIC id
/// @param delivery how it is taken
/// @param mode how the destination is meant
/// @param trigger of the source: levels for I/O APICs only
public record InterruptTarget(
    int vector, int destination, DeliveryMode delivery, DestinationMode mode, Trigger trigger) {

  /// How a destination is meant.
  public enum DestinationMode {
    PHYSICAL,
    LOGICAL
  }

  /// What makes an interrupt.
  public enum Trigger {
    EDGE,
    LEVEL
  }

  /// A fixed, physical edge.
  public static InterruptTarget of(int vector, int destination) {
    return new InterruptTarget(
        vector, destination, DeliveryMode.FIXED, DestinationMode.PHYSICAL, Trigger.EDGE);
  }
}
