package dev.portcullis.vmm.platform;

import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.qemu.EngineChoice;
import dev.portcullis.vmm.fault.FaultEvent;
import java.util.Optional;

/// Something that happens on a platform.
public sealed interface PlatformEvent {

  /// The unit has refused something.
  record Fault(FaultEvent event) implements PlatformEvent {
    @Override
    public String toString() {
      return event.toString();
    }
  }

  /// A partition is doing otherwise than before.
  record StateChange(String partition, EngineState state) implements PlatformEvent {
    @Override
    public String toString() {
      return "partition " + partition + " is " + state;
    }
  }

  /// A function has changed hands, or was stopped.
  ///
  /// @param name what people call it
  /// @param partition whose it is now; once it was released, whose it was
  /// @param from whose it was, if it was reassigned
  record FunctionChange(
      RequesterId at, String name, FunctionState state, String partition, Optional<String> from)
      implements PlatformEvent {
    @Override
    public String toString() {
      String device = "device " + name + (name.equals(at.toString()) ? "" : " at " + at);
      return switch (state) {
        case ASSIGNED -> "%s is given to %s".formatted(device, partition);
        case RELEASED -> "%s is taken from %s".formatted(device, partition);
        case REASSIGNED ->
            "%s is taken from %s and given to %s".formatted(device, from.orElseThrow(), partition);
        case STOPPED -> "%s of %s is stopped".formatted(device, partition);
      };
    }
  }

  /// What has become of a function.
  enum FunctionState {
    ASSIGNED,
    RELEASED,
    REASSIGNED,
    /// It reaches nothing, and stays its partition's.
    STOPPED
  }

  /// The monitor has chosen an engine for a partition that leaves it to it.
  record Chosen(String partition, EngineChoice choice) implements PlatformEvent {
    @Override
    public String toString() {
      return "partition " + partition + ": " + choice;
    }
  }

  /// A rule has something to say.
  record Message(String text) implements PlatformEvent {
    @Override
    public String toString() {
      return text;
    }
  }

  /// The monitor could not do something.
  record Trouble(String what) implements PlatformEvent {
    @Override
    public String toString() {
      return what;
    }
  }
}
