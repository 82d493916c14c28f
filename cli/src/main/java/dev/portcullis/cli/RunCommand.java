package dev.portcullis.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// The tour.
@Command(name = "run", mixinStandardHelpOptions = true, versionProvider = Version.class)
final class RunCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    return 0;
  }
}
