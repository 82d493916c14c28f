package dev.portcullis.cli;

import dev.portcullis.machine.DmarFile;
import dev.portcullis.machine.Platform;
import dev.portcullis.machine.description.MachineFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Serves the functions of a machine to a QEMU that somebody else starts.
@Command(
    name = "serve",
    description = {
      "Serves the functions of a machine over vfio-user, and prints the QEMU arguments to use"
          + " them.",
      "Runs until it is interrupted."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ServeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MACHINE.yaml", description = "Machine file; see the folder examples.")
  private Path machineFile;

  @Option(
      names = "--sockets",
      paramLabel = "DIR",
      required = true,
      description = "Folder for the sockets and the DMAR table; made if it is not there.")
  private Path folder;

  @Override
  public Integer call() throws Exception {
    var machine = MachineFile.read(machineFile);
    Path sockets = makeFolder();
    try (Platform platform = Platform.open(machine, sockets)) {
      DmarFile dmar = DmarFile.write(platform, sockets.resolve("dmar.bin"));
      CountDownLatch interrupted = new CountDownLatch(1);
      Thread cleaner = Thread.ofPlatform().unstarted(platform::close);
      Runtime.getRuntime().addShutdownHook(cleaner);
      printArguments(platform, dmar.path());
      interrupted.await();
      return 0;
    }
  }

  private Path makeFolder() throws UserError {
    try {
      return Files.createDirectories(folder).toRealPath();
    } catch (IOException e) {
      throw new UserError("--sockets: cannot make " + folder + ": " + e.getMessage(), e);
    }
  }

  private void printArguments(Platform platform, Path dmar) {
    PrintWriter out = spec.commandLine().getOut();
    out.println("# Sockets are open. Start QEMU 10.1 or later with these arguments and your own:");
    out.println("qemu-system-x86_64 \\");
    for (String line : QemuArguments.of(platform, dmar)) {
      out.println("  " + line + " \\");
    }
    out.println("  -kernel VMLINUZ -append 'intel_iommu=on console=ttyS0' -nographic");
    out.flush();
  }
}
