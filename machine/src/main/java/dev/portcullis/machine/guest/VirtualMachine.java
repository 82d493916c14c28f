package dev.portcullis.machine.guest;

import dev.portcullis.machine.Platform;
import dev.portcullis.machine.Station;
import dev.portcullis.qemu.run.QemuCommandLine;

/// QEMU's side of a platform: what to start so that its functions are found in their places.
final class VirtualMachine {
  private VirtualMachine() {}

  /// A machine without a kernel, with every function of `platform`.
  static QemuCommandLine line(LinuxPlan plan, Platform platform) {
    long memoryBytes = platform.machine().memoryBytes();
    QemuCommandLine line =
        new QemuCommandLine()
            .memoryMebibytes(Math.toIntExact(memoryBytes >> 20))
            .processors(plan.processors())
            .accelerator(plan.accelerator());
    for (Station station : platform.stations()) {
      line.vfioUser(Integer.toHexString(station.at().device()), station.socket());
    }
    return line.argument(plan.qemuArguments().toArray(String[]::new));
  }

  /// Everything that firmware can depend on when it places windows, as text.
  static String layout(LinuxPlan plan, Platform platform) {
    StringBuilder layout = new StringBuilder("placement 1\n");
    layout.append(plan.qemu().version()).append(' ').append(plan.qemu().command()).append('\n');
    layout.append(platform.machine().memoryBytes()).append(' ').append(plan.processors());
    layout.append(' ').append(plan.accelerator()).append(' ').append(plan.qemuArguments());
    for (Station station : platform.stations()) {
      layout.append('\n').append(station.name()).append(' ').append(station.at());
      station.function().bars().forEach(bar -> layout.append(' ').append(bar));
    }
    return layout.toString();
  }
}
