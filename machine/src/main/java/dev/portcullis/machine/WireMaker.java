package dev.portcullis.machine;

import dev.portcullis.devices.wire.Cable;
import dev.portcullis.devices.wire.Peer;
import dev.portcullis.devices.wire.ReplayWire;
import dev.portcullis.devices.wire.StreamWire;
import dev.portcullis.machine.description.WireDescription;
import dev.portcullis.machine.description.WireDescription.Stream.Role;
import dev.portcullis.machine.wire.TapWire;
import dev.portcullis.net.Link;
import dev.portcullis.pci.RequesterId;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/// Makes what the cables of the network cards of one machine lead to.
final class WireMaker {
  /// Cables of which one end is plugged in.
  private final Map<String, Cable> loose = new HashMap<>();

  WireMaker() {}

  /// @param at the card, for messages
  /// @throws PlatformException if the host refuses it
  Link make(RequesterId at, WireDescription wire) throws PlatformException {
    try {
      return switch (wire) {
        case WireDescription.Peer _ -> new Peer();
        case WireDescription.Cable cable -> endOf(cable.name());
        case WireDescription.Stream stream ->
            stream.role() == Role.LISTEN
                ? StreamWire.listening(stream.address())
                : StreamWire.connecting(stream.address());
        case WireDescription.Tap tap -> new TapWire(tap.name());
        case WireDescription.Replay replay -> new ReplayWire(replay.file());
      };
    } catch (IOException refused) {
      throw new PlatformException(
          "no wire for the card at %s, %s: %s".formatted(at, wire, refused.getMessage()), refused);
    }
  }

  private Link endOf(String name) {
    Cable cable = loose.remove(name);
    if (cable != null) {
      return cable.other();
    }
    Cable fresh = new Cable();
    loose.put(name, fresh);
    return fresh.one();
  }
}
