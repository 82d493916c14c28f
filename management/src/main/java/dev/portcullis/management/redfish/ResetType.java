package dev.portcullis.management.redfish;

import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.platform.PowerAction;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// How a system can be reset.
enum ResetType {
  ON("On"),
  FORCE_OFF("ForceOff"),
  GRACEFUL_SHUTDOWN("GracefulShutdown"),
  GRACEFUL_RESTART("GracefulRestart"),
  FORCE_RESTART("ForceRestart"),
  POWER_CYCLE("PowerCycle"),
  PUSH_POWER_BUTTON("PushPowerButton"),
  PAUSE("Pause"),
  RESUME("Resume");

  private final String word;

  ResetType(String word) {
    this.word = word;
  }

  String word() {
    return word;
  }

  static Optional<ResetType> of(String word) {
    return Arrays.stream(values()).filter(one -> one.word.equals(word)).findFirst();
  }

  /// What is done to a partition, in order.
  List<PowerAction> actions(EngineState now) {
    boolean isOff = now.is(Phase.OFF) || now.is(Phase.FAILED);
    return switch (this) {
      case ON -> List.of(PowerAction.START);
      case FORCE_OFF -> List.of(PowerAction.KILL);
      case GRACEFUL_SHUTDOWN -> List.of(PowerAction.POWER_DOWN);
      case GRACEFUL_RESTART -> List.of(PowerAction.POWER_DOWN, PowerAction.START);
      case FORCE_RESTART -> List.of(isOff ? PowerAction.START : PowerAction.RESET);
      case POWER_CYCLE -> List.of(PowerAction.KILL, PowerAction.START);
      case PUSH_POWER_BUTTON -> List.of(isOff ? PowerAction.START : PowerAction.POWER_DOWN);
      case PAUSE -> List.of(PowerAction.PAUSE);
      case RESUME -> List.of(PowerAction.RESUME);
    };
  }
}
