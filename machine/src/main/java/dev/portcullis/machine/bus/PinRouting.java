package dev.portcullis.machine.bus;

import dev.portcullis.pci.IntxLine;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.qtest.server.InterruptInputs.Level;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Which input of the interrupt controller a function's pin INTA leads to, as in q35 after a reset:
/// devices 0 to 24 share inputs 20 to 23 in turn, 25 to 29 input 16, 30 input 20. An input is up
/// while any of its pins is.
public final class PinRouting {
  private static final int FIRST_IN_TURN = 20;
  private static final int IN_TURN = 4;
  private static final int LAST_IN_TURN = 24;
  private static final int OF_CHIPSET_FUNCTIONS = 16;
  private static final int OLD_BRIDGE = 30;

  private final InputPins controller;
  private final Map<Integer, Set<RequesterId>> up = new HashMap<>();

  /// Routes to the inputs of `controller`.
  public PinRouting(InputPins controller) {
    this.controller = controller;
  }

  /// Where the pin of the function at `at` leads.
  public IntxLine lineOf(RequesterId at) {
    int input = inputOf(at.device());
    return level -> drive(at, input, level);
  }

  private static int inputOf(int device) {
    if (device <= LAST_IN_TURN) {
      return FIRST_IN_TURN + device % IN_TURN;
    }
    return device == OLD_BRIDGE ? FIRST_IN_TURN : OF_CHIPSET_FUNCTIONS;
  }

  private synchronized void drive(RequesterId at, int input, IntxLine.Level level) {
    Set<RequesterId> sharers = up.computeIfAbsent(input, _ -> new HashSet<>());
    if (level == IntxLine.Level.ASSERTED) {
      sharers.add(at);
    } else {
      sharers.remove(at);
    }
    controller.drive(input, sharers.isEmpty() ? Level.LOW : Level.HIGH);
  }
}
