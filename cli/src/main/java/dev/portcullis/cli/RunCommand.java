package dev.portcullis.cli;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.management.ManagementDescription;
import dev.portcullis.management.ManagementFile;
import dev.portcullis.management.ManagementServices;
import dev.portcullis.management.account.AccountException;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.health.DiagnoseVerb;
import dev.portcullis.management.health.Diagnosis;
import dev.portcullis.management.health.OptimiseVerb;
import dev.portcullis.management.health.Optimiser;
import dev.portcullis.management.inventory.InventoryVerb;
import dev.portcullis.management.state.StateException;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.nativeos.description.NativeFile;
import dev.portcullis.vmm.platform.Examiner;
import dev.portcullis.vmm.platform.Examiner.Outcome;
import dev.portcullis.vmm.platform.PlatformEvent;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.boot.BootGate;
import dev.portcullis.vmm.platform.control.ControlServer;
import dev.portcullis.vmm.platform.control.ControlVerb;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformDescription.Step;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Starts a platform, has its partitions do what its file expects of them, and says what came of
/// it.
@Command(
    name = "run",
    description = {
      "Starts a platform: partitions on one machine, their devices behind the remapping unit;",
      "or, if the file has the key native, an operating system that has the machine for itself.",
      "Has them do what the platform file expects, and ends with 0 if all of it held, else with 1."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "PLATFORM.yaml",
      description = "The platform; examples/client-platform.yaml if not given.")
  private Path file;

  @Option(
      names = "--for",
      paramLabel = "DURATION",
      converter = TimeSpan.class,
      description =
          "Goes on so long, from the start: 90s, 5m, 2h. Only as long as needed if not given.")
  private Duration duration;

  @Option(names = "--json", description = "Prints the result as JSON, and nothing else.")
  private boolean json;

  @Mixin private ControlSocket control;

  @Override
  public Integer call() throws Exception {
    if (file != null && NativeFile.isNative(file)) {
      NativeRun run =
          new NativeRun(file, Optional.ofNullable(duration), spec.commandLine().getOut());
      return (json ? run.runJson() : run.run()) ? 0 : 1;
    }
    PlatformDescription written = PlatformFiles.read(Optional.ofNullable(file));
    List<PlatformEvent> events = new CopyOnWriteArrayList<>();
    Path folder = Files.createTempDirectory("portcullis-run");
    Optional<ManagementDescription> management = management(written);
    PlatformDescription description =
        management.map(one -> one.provisioned().platform()).orElse(written);
    Optional<VerifiedBoot> boot = boot(management);
    BootGate gate = boot.isPresent() ? boot.get() : BootGate.OPEN;
    try (RunningPlatform platform = RunningPlatform.start(description, folder, events::add, gate);
        ManagementServices services = serve(management, boot, platform)) {
      return run(platform, events, services == null ? verbs(platform) : services.verbs());
    } finally {
      Folders.delete(folder);
    }
  }

  /// What can be asked of a platform without a management file, besides what every one answers.
  private static Map<String, ControlVerb> verbs(RunningPlatform platform) {
    return Map.of(
        "inventory", new InventoryVerb(platform, Optional.empty()),
        "diagnose", new DiagnoseVerb(new Diagnosis(platform, Optional.empty())),
        "optimise", new OptimiseVerb(new Optimiser(platform)));
  }

  private static Optional<ManagementDescription> management(PlatformDescription platform)
      throws MachineFileException {
    Optional<Path> file = platform.management().services();
    return file.isPresent()
        ? Optional.of(ManagementFile.read(file.get(), platform))
        : Optional.empty();
  }

  private static Optional<VerifiedBoot> boot(Optional<ManagementDescription> wanted)
      throws UserError {
    try {
      return wanted.isPresent()
          ? Optional.of(ManagementServices.gate(wanted.get()))
          : Optional.empty();
    } catch (StateException e) {
      throw new UserError(e.getMessage());
    }
  }

  /// Nothing if the platform file names no management file.
  private ManagementServices serve(
      Optional<ManagementDescription> wanted, Optional<VerifiedBoot> boot, RunningPlatform platform)
      throws UserError, InterruptedException {
    try {
      if (wanted.isEmpty()) {
        return null;
      }
      ManagementServices services =
          ManagementServices.start(wanted.get(), boot.orElseThrow(), platform);
      services.leftovers().forEach(line -> err().println("portcullis: " + line));
      return services;
    } catch (StateException | VmmException | AccountException e) {
      throw new UserError(e.getMessage());
    }
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }

  private int run(
      RunningPlatform platform, List<PlatformEvent> events, Map<String, ControlVerb> verbs)
      throws Exception {
    RunReport report = new RunReport(platform);
    try (ControlServer _ = serve(platform, verbs);
        RunView view = view(platform, events, report)) {
      Examiner examiner = new Examiner(platform, events);
      for (Step step : platform.description().steps()) {
        step.atOnce().forEach(view::begins);
        for (Outcome outcome : examiner.examine(step)) {
          report.add(outcome);
          view.came(outcome);
        }
      }
      rest(platform);
    }
    report.end(events);
    if (json) {
      spec.commandLine().getOut().println(report.json());
    } else {
      report.lines().forEach(spec.commandLine().getOut()::println);
    }
    spec.commandLine().getOut().flush();
    return report.allHeld() ? 0 : 1;
  }

  private ControlServer serve(RunningPlatform platform, Map<String, ControlVerb> verbs)
      throws UserError {
    try {
      return ControlServer.start(platform, control.path(), verbs);
    } catch (IOException e) {
      throw new UserError("--control: cannot answer at " + control.path() + ": " + e.getMessage());
    }
  }

  private RunView view(RunningPlatform platform, List<PlatformEvent> events, RunReport report) {
    if (json) {
      return RunView.NONE;
    }
    return Terminal.is(Terminal.Stream.OUTPUT)
        ? new LiveView(platform, events, report.outcomes(), spec.commandLine().getOut())
        : new LineView(events, spec.commandLine().getOut());
  }

  private void rest(RunningPlatform platform) throws InterruptedException {
    if (duration != null) {
      Duration up = Duration.between(platform.started(), Instant.now());
      Thread.sleep(Math.max(0, duration.minus(up).toMillis()));
    }
  }
}
