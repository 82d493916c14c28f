package dev.portcullis.machine.description;

import dev.portcullis.linux.Tap;
import dev.portcullis.machine.description.WireDescription.Stream.Role;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads `wire` of a network card: `peer`, or a mapping with one of `cable`, `stream`, `tap` and
/// `replay`.
final class WireReader {
  private static final String KEY = "wire";
  private static final Pattern TCP = Pattern.compile("tcp:(.+):(\\d{1,5})");
  private static final Pattern CABLE = Pattern.compile("[a-zA-Z][a-zA-Z0-9_-]*");
  private static final Pattern INTERFACE = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");

  private final Section wire;
  private final Function<String, Path> paths;

  private WireReader(Section wire, Function<String, Path> paths) {
    this.wire = wire;
    this.paths = paths;
  }

  /// @param paths how paths are read
  static WireDescription read(Section device, Function<String, Path> paths)
      throws MachineFileException {
    if (device.isSection(KEY)) {
      return new WireReader(device.section(KEY).orElseThrow(), paths).read();
    }
    device.value(KEY, text -> Names.find(text, List.of("peer"), name -> name));
    return new WireDescription.Peer();
  }

  private WireDescription read() throws MachineFileException {
    List<WireDescription> found = new ArrayList<>();
    wire.value("cable", WireReader::cable).map(WireDescription.Cable::new).ifPresent(found::add);
    Role role = wire.flag("listen").orElse(false) ? Role.LISTEN : Role.CONNECT;
    wire.value("stream", this::address)
        .map(address -> new WireDescription.Stream(address, role))
        .ifPresent(found::add);
    wire.value("tap", WireReader::tap).map(WireDescription.Tap::new).ifPresent(found::add);
    wire.value("replay", paths).map(WireDescription.Replay::new).ifPresent(found::add);
    if (found.size() != 1) {
      throw wire.wrong("say one of cable, stream, tap, replay; or \"wire: peer\"");
    }
    WireDescription only = found.getFirst();
    if (role == Role.LISTEN && !(only instanceof WireDescription.Stream)) {
      throw wire.wrong("listen", "only a stream can listen");
    }
    wire.end();
    return only;
  }

  private static String cable(String text) {
    if (!CABLE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a name: a letter, then letters, digits, - and _");
    }
    return text;
  }

  private static String tap(String text) {
    if (!INTERFACE.matcher(text).matches() || text.length() > Tap.LONGEST_NAME) {
      throw new IllegalArgumentException(
          "\"%s\" is no name of an interface: 1 to %d letters, digits, -, _ and ."
              .formatted(text, Tap.LONGEST_NAME));
    }
    return text;
  }

  /// `tcp:HOST:PORT`, or the path of a socket file.
  private SocketAddress address(String text) {
    Matcher tcp = TCP.matcher(text);
    if (!tcp.matches()) {
      return UnixDomainSocketAddress.of(paths.apply(text));
    }
    int port = Integer.parseInt(tcp.group(2));
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("\"" + text + "\" names no port: 1 to 65535");
    }
    return new InetSocketAddress(tcp.group(1), port);
  }
}
