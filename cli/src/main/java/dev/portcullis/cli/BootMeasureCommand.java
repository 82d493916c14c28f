package dev.portcullis.cli;

import dev.portcullis.management.boot.ManifestMaker;
import dev.portcullis.management.boot.manifest.Manifest;
import dev.portcullis.management.boot.manifest.ManifestFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Makes the manifest of what a partition would boot from now.
@Command(
    name = "measure",
    description = {
      "Makes the manifest of what a partition boots from, to be looked at and signed.",
      "Disks without a safe image are disks of data, which may be anything."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class BootMeasureCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "PLATFORM.yaml", description = "The platform.")
  private Path file;

  @Parameters(index = "1", paramLabel = "PARTITION", description = "Its name.")
  private String partition;

  @Option(
      names = "--image",
      paramLabel = "DISK=FILE",
      description = "A safe image, besides those that the management file names.")
  private Map<String, Path> images = new LinkedHashMap<>();

  @Option(
      names = "--provision",
      paramLabel = "FILE",
      description = "The partition is not the platform file's, but what this file provisions.")
  private Path provision;

  @Option(
      names = "--version-number",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "The manifest's; a lower one than was used before does not count. 1 if not given.")
  private int version;

  @Option(
      names = "--salt",
      paramLabel = "HEX",
      converter = SaltOption.class,
      description = "Of the hash trees, up to 256 bytes; 32 random ones if not given.")
  private SaltOption.Salt salt;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where it is written; printed if not given.")
  private Path out;

  @Override
  public Integer call() throws Exception {
    if (version < 1) {
      throw new UserError("--version-number: 1 or more");
    }
    BootPlan plan =
        BootPlan.read(file, Optional.ofNullable(provision), partition, spec.commandLine().getErr());
    Map<String, Path> all = new LinkedHashMap<>(plan.images());
    all.putAll(images);
    for (String disk : all.keySet()) {
      if (!plan.disks().contains(disk)) {
        throw new UserError(
            "--image: partition %s has no disk \"%s\"; it has: %s"
                .formatted(partition, disk, String.join(", ", plan.disks())));
      }
    }
    byte[] bytes = salt == null ? SaltOption.random() : salt.bytes();
    try {
      Manifest manifest = ManifestMaker.make(plan.material(), plan.disks(), all, bytes, version);
      write(ManifestFile.toJson(manifest));
      return 0;
    } catch (IOException e) {
      throw new UserError(e.getMessage(), e);
    }
  }

  private void write(String json) throws IOException {
    if (out == null) {
      spec.commandLine().getOut().print(json);
      spec.commandLine().getOut().flush();
    } else {
      Files.writeString(out, json);
    }
  }
}
