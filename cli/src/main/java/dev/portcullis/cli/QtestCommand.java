package dev.portcullis.cli;

import dev.portcullis.machine.description.DeviceDescription;
import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.qtest.BareMachine;
import dev.portcullis.qtest.server.QtestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Offers a machine without a processor over QEMU's qtest protocol.
@Command(
    name = "qtest",
    description = {
      "Offers a machine without a processor over QEMU's qtest protocol: memory, registers, ports,"
          + " interrupts and the clock, line by line.",
      "The remapping unit is at 0xfed90000, configuration space at ports 0xcf8 and 0xcfc, devices"
          + " where the machine file has them: as in QEMU's q35.",
      "Ends with the peer it connected to, or when it is interrupted."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class QtestCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private End end;

  /// Who goes to whom.
  static final class End {
    @Option(
        names = "--socket",
        paramLabel = "PATH",
        required = true,
        description = "Connects to who listens there, as QEMU's -qtest unix:PATH does.")
    private Path socket;

    @Option(
        names = "--listen",
        paramLabel = "PATH",
        required = true,
        description = "Listens there, and serves one peer after the other on the same machine.")
    private Path listen;
  }

  @Option(
      names = "--machine",
      paramLabel = "FILE",
      description =
          "Machine file (default: 512M, one unit, an iommu-testdev at 00:01.0, an edu device at"
              + " 00:02.0).")
  private Path machineFile;

  @Override
  public Integer call() throws Exception {
    MachineDescription description = description();
    Path folder = Files.createTempDirectory("portcullis-qtest-");
    try (BareMachine machine = BareMachine.of(description, folder)) {
      if (end.listen == null) {
        connect(machine);
      } else {
        listen(machine, description);
      }
      return 0;
    } finally {
      remove(folder);
    }
  }

  private MachineDescription description() throws MachineFileException {
    return machineFile == null ? MachineFile.qtest() : MachineFile.read(machineFile);
  }

  private void connect(BareMachine machine) throws UserError {
    try {
      QtestServer.connect(end.socket, machine);
    } catch (IOException e) {
      throw new UserError("--socket: nobody listens at " + end.socket, e);
    }
  }

  private void listen(BareMachine machine, MachineDescription description)
      throws UserError, IOException {
    try (QtestServer server = open()) {
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> close(server)));
      spec.commandLine().getOut().printf("qtest at %s: %s%n", end.listen, contents(description));
      while (true) {
        server.serveNext(machine);
      }
    }
  }

  private QtestServer open() throws UserError {
    try {
      return QtestServer.listen(end.listen);
    } catch (IOException e) {
      throw new UserError(
          "--listen: cannot listen at %s: %s".formatted(end.listen, e.getMessage()), e);
    }
  }

  /// The socket file goes; what else is wrong with a process that ends is nobody's concern.
  private static void close(QtestServer server) {
    try {
      server.close();
    } catch (IOException e) {
      System.getLogger(QtestCommand.class.getName()).log(System.Logger.Level.DEBUG, "closing", e);
    }
  }

  private static String contents(MachineDescription machine) {
    return machine.devices().stream()
        .map(QtestCommand::line)
        .collect(Collectors.joining(", ", "%d MiB; ".formatted(machine.memoryBytes() >> 20), ""));
  }

  private static String line(DeviceDescription device) {
    String type = device.type().name().toLowerCase(Locale.ROOT).replace('_', '-');
    return device.at() + " " + type;
  }

  private static void remove(Path folder) throws IOException {
    try (var files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
