package dev.portcullis.cli;

import dev.portcullis.machine.Platform;
import dev.portcullis.machine.Station;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What somebody has to tell a QEMU of their own, as lines for a shell.
final class QemuArguments {
  private QemuArguments() {}

  static List<String> of(Platform platform, Path dmar) {
    long mebibytes = platform.machine().memoryBytes() >> 20;
    List<String> lines = new ArrayList<>();
    lines.add("-machine q35,memory-backend=memory -m " + mebibytes + "M");
    lines.add("-object memory-backend-memfd,id=memory,share=on,size=" + mebibytes + "M");
    lines.add("-nic none");
    lines.add("-acpitable " + quoted("file=" + dmar.toString().replace(",", ",,")));
    for (Station station : platform.stations()) {
      lines.add("-device " + quoted(device(station)));
    }
    return lines;
  }

  private static String device(Station station) {
    String socket = station.socket().toString().replace("\\", "\\\\").replace("\"", "\\\"");
    return """
    {"driver":"vfio-user-pci","addr":"%x","socket":{"type":"unix","path":"%s"}}\
    """
        .formatted(station.at().device(), socket);
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }
}
