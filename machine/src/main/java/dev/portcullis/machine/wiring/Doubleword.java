package dev.portcullis.machine.wiring;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Four bytes as they lie on the bus.
final class Doubleword {
  static final ValueLayout.OfInt LAYOUT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Doubleword() {}
}
