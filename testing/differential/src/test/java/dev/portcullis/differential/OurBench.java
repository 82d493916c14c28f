package dev.portcullis.differential;

import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.machine.qtest.BareMachine;
import dev.portcullis.qtest.client.QtestClient;
import dev.portcullis.qtest.server.QtestServer;
import java.io.IOException;
import java.nio.file.Path;

/// Our machine, behind a socket.
///
/// @param machine it
/// @param server serves it
/// @param client drives it
record OurBench(BareMachine machine, QtestServer server, QtestClient client) implements Bench {

  /// The machine of this YAML text.
  static OurBench of(String yaml, Path folder) throws Exception {
    return of(MachineFile.parse("ours.yaml", folder, yaml), folder);
  }

  /// The machine that is offered when no other is named.
  static OurBench ofDefault(Path folder) throws Exception {
    return of(MachineFile.qtest(), folder);
  }

  private static OurBench of(MachineDescription description, Path folder) throws Exception {
    BareMachine machine = BareMachine.of(description, folder);
    Path socket = folder.resolve("ours.sock");
    QtestServer server = QtestServer.listen(socket);
    Thread.ofPlatform().daemon().name("our machine").start(() -> serve(server, machine));
    return new OurBench(machine, server, QtestClient.connect(socket));
  }

  private static void serve(QtestServer server, BareMachine machine) {
    try {
      server.serveNext(machine);
    } catch (IOException closed) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
    server.close();
    machine.close();
  }
}
