package dev.portcullis.vmm.platform;

import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.qemu.EngineChoice;
import dev.portcullis.vmm.fault.FaultEvent;

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
