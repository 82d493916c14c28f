package dev.portcullis.cli;

import dev.portcullis.machine.guest.LinuxPlan;
import dev.portcullis.machine.guest.LinuxRun;
import dev.portcullis.qemu.install.Cache;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Shows what Portcullis is, in three short acts.
@Command(
    name = "tour",
    description = {
      "A short tour: Linux boots on our unit, a disk works behind it, and a DMA that nobody allowed"
          + " is blocked and explained.",
      "Ends with 0 if all of it went as it should."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class TourCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private SoftwareOptions software;

  @Override
  public Integer call() throws Exception {
    LinuxPlan plan;
    try (ProgressLines progress = new ProgressLines(spec.commandLine().getErr())) {
      plan = software.plan(Cache.in(Cache.defaultHome(System.getenv())), progress);
    }
    try (LinuxRun run = LinuxRun.of(plan)) {
      Tour tour = new Tour(run, spec.commandLine().getOut());
      boolean good = tour.walk();
      new Summary(spec.commandLine().getErr()).print(run.statistics());
      return good ? 0 : 1;
    }
  }
}
