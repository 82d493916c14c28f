package dev.portcullis.machine.description;

import java.net.SocketAddress;
import java.nio.file.Path;

/// What the cable of a network card leads to.
public sealed interface WireDescription {

  /// The built-in host.
  record Peer() implements WireDescription {}

  /// Another card of the machine: the one whose cable has the same name.
  record Cable(String name) implements WireDescription {}

  /// A stream socket, in the format of QEMU's `-netdev stream`.
  ///
  /// @param address a socket file, or a TCP port
  record Stream(SocketAddress address, Role role) implements WireDescription {
    /// Who looks for whom.
    public enum Role {
      CONNECT,
      LISTEN
    }
  }

  /// An interface of this host.
  record Tap(String name) implements WireDescription {}

  /// A capture that is replayed.
  record Replay(Path file) implements WireDescription {}
}
