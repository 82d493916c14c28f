package dev.portcullis.cli;

import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.QemuInstallation;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Looks at this computer and says what is missing.
@Command(
    name = "doctor",
    description = {
      "Looks at this computer: JDK, QEMU, kernels, KVM, disk.",
      "Ends with 0 if \"portcullis run\" can work here, else with 1."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--qemu", paramLabel = "PATH", description = "A QEMU of your own to look at.")
  private Path qemu;

  @Override
  public Integer call() throws Exception {
    Cache cache = Cache.in(Cache.defaultHome(System.getenv()));
    Optional<QemuInstallation> own =
        qemu == null ? Optional.empty() : Optional.of(SoftwareOptions.ownQemu(qemu));
    List<Finding> findings = new Examination(cache, own, System.getenv()).findings();
    PrintWriter out = spec.commandLine().getOut();
    findings.forEach(out::println);
    boolean works = findings.stream().noneMatch(f -> f.grade() == Finding.Grade.BAD);
    out.println(works ? "portcullis run can work here." : "portcullis run cannot work here yet.");
    return works ? 0 : 1;
  }
}
