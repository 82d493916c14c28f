package dev.portcullis.differential;

import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.Progress;
import dev.portcullis.qemu.run.QemuCommandLine;
import dev.portcullis.qemu.run.QemuProcess;
import dev.portcullis.qtest.client.QtestClient;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;

/// A real QEMU whose processor stands still.
///
/// @param process it
/// @param client drives it
record QemuBench(QemuProcess process, QtestClient client) implements Bench {

  /// A q35 with `unit`, written as for `-device`, and the devices behind it.
  static QemuBench of(String unit, Path folder) throws Exception {
    return of(unit, folder, "iommu-testdev,addr=1", "edu,addr=2,dma_mask=0xffffffffffffffff");
  }

  /// A q35 with `unit` and `devices`, written as for `-device`.
  static QemuBench of(String unit, Path folder, String... devices) throws Exception {
    Path socket = folder.resolve("qemu.sock");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(socket));
      QemuCommandLine line = new QemuCommandLine().device(unit).qtest(socket);
      for (String device : devices) {
        line.device(device);
      }
      Cache cache = Cache.in(Cache.defaultHome(System.getenv()));
      QemuProcess process = QemuProcess.start(cache.qemu(Progress.none()), line);
      return new QemuBench(process, QtestClient.over(listener.accept()));
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
    process.close();
  }
}
