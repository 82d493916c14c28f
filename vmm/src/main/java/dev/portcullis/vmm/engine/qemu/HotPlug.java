package dev.portcullis.vmm.engine.qemu;

import dev.portcullis.qemu.run.QemuCommandLine;
import dev.portcullis.qemu.run.QemuException;
import dev.portcullis.qemu.run.Qmp;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.JsonNode;

/// The root ports of a guest behind which functions appear and go while it runs: its root bus takes
/// none then. They are functions of the chipset's last device, where none of ours has its place.
final class HotPlug {
  static final int PORTS = 4;

  private static final int FIRST_FUNCTION = 4;

  private final Map<Integer, Plugged> taken = new HashMap<>();
  private final Map<String, CompletableFuture<Void>> leaving = new ConcurrentHashMap<>();

  HotPlug() {}

  /// Adds the ports to a machine. They need no I/O ports, of which there are few.
  static QemuCommandLine addPorts(QemuCommandLine line) {
    for (int port = 0; port < PORTS; port++) {
      line.device(
          "pcie-root-port,id=%s,bus=pcie.0,addr=1f.%d,chassis=%d,slot=%d,io-reserve=0"
              .formatted(name(port), FIRST_FUNCTION + port, port + 1, port + 1));
    }
    return line;
  }

  private static String name(int port) {
    return "port" + port;
  }

  private static String device(int port) {
    return "hot" + port;
  }

  /// Has a function appear.
  ///
  /// @return whether there was a port for it
  /// @throws QemuException if QEMU does not take it
  synchronized boolean add(Qmp qmp, Plugged function, Duration limit)
      throws QemuException, InterruptedException {
    int port = 0;
    while (taken.containsKey(port)) {
      port++;
    }
    if (port == PORTS) {
      return false;
    }
    qmp.execute(
        "device_add",
        Map.of(
            "driver",
            "vfio-user-pci",
            "id",
            device(port),
            "bus",
            name(port),
            "socket",
            Map.of("type", "unix", "path", function.server().socket().toString())),
        limit);
    taken.put(port, function);
    return true;
  }

  /// Asks the guest to give a function back that has appeared so.
  ///
  /// @return whether it has, within `limit`; its port stays taken if not
  boolean remove(Qmp qmp, Plugged function, Duration limit) throws InterruptedException {
    OptionalInt port = portOf(function);
    if (port.isEmpty() || !remove(qmp, device(port.getAsInt()), limit)) {
      return false;
    }
    synchronized (this) {
      taken.remove(port.getAsInt());
    }
    return true;
  }

  private synchronized OptionalInt portOf(Plugged function) {
    return taken.entrySet().stream()
        .filter(one -> one.getValue() == function)
        .mapToInt(Map.Entry::getKey)
        .findFirst();
  }

  private boolean remove(Qmp qmp, String device, Duration limit) throws InterruptedException {
    CompletableFuture<Void> gone = new CompletableFuture<>();
    leaving.put(device, gone);
    try {
      qmp.execute("device_del", Map.of("id", device), limit);
      gone.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (QemuException | TimeoutException | ExecutionException e) {
      return false;
    } finally {
      leaving.remove(device);
    }
  }

  /// Takes note of an event of QEMU's.
  void heard(JsonNode event) {
    if (event.path("event").asString("").equals("DEVICE_DELETED")) {
      CompletableFuture<Void> gone = leaving.get(event.at("/data/device").asString(""));
      if (gone != null) {
        gone.complete(null);
      }
    }
  }
}
