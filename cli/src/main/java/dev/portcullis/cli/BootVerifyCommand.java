package dev.portcullis.cli;

import dev.portcullis.management.boot.ManifestMaker;
import dev.portcullis.management.boot.manifest.Manifest;
import dev.portcullis.management.boot.manifest.ManifestDisk;
import dev.portcullis.management.boot.manifest.ManifestException;
import dev.portcullis.management.boot.manifest.ManifestFile;
import dev.portcullis.management.boot.manifest.SignatureFile;
import dev.portcullis.management.boot.manifest.VerifyingKey;
import dev.portcullis.management.boot.verity.Verity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Says whether a manifest counts, and whether what is there is what it says.
@Command(
    name = "verify",
    description = {
      "Says whether a manifest is signed and can be read; with --platform also whether the",
      "partition's files, command line and safe images are what it says.",
      "Exit code: 0 it is so, 1 it is not (a line for each thing), 2 it cannot be looked at."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class BootVerifyCommand implements Callable<Integer> {
  private static final int DIFFERS = 1;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "MANIFEST", description = "The manifest.")
  private Path manifest;

  @Option(
      names = "--key",
      required = true,
      paramLabel = "FILE",
      description = "The public key: NAME.pub of keygen.")
  private Path key;

  @Option(names = "--signature", paramLabel = "FILE", description = "MANIFEST.sig if not given.")
  private Path signature;

  @Option(names = "--platform", paramLabel = "PLATFORM.yaml", description = "The platform.")
  private Path platform;

  @Override
  public Integer call() throws Exception {
    Path signed = signature == null ? SignatureFile.of(manifest) : signature;
    demandFile(manifest);
    demandFile(signed);
    VerifyingKey verifier = key();
    try {
      Manifest read = ManifestFile.readSigned(manifest, signed, verifier);
      List<String> findings = platform == null ? List.of() : findings(read);
      findings.forEach(spec.commandLine().getOut()::println);
      if (findings.isEmpty()) {
        spec.commandLine()
            .getOut()
            .printf(
                "%s: partition %s, version %d, signed by the key %s%n",
                manifest, read.partition(), read.version(), verifier.name());
      }
      return findings.isEmpty() ? 0 : DIFFERS;
    } catch (ManifestException e) {
      spec.commandLine().getOut().println(e.getMessage());
      return DIFFERS;
    }
  }

  private static void demandFile(Path file) throws UserError {
    if (!Files.isRegularFile(file)) {
      throw new UserError(file + ": there is no such file");
    }
  }

  private VerifyingKey key() throws UserError {
    try {
      return VerifyingKey.read(key);
    } catch (ManifestException e) {
      throw new UserError("--key: " + e.getMessage(), e);
    }
  }

  private List<String> findings(Manifest read) throws Exception {
    BootPlan plan = BootPlan.read(platform, read.partition(), spec.commandLine().getErr());
    List<String> findings = new ArrayList<>();
    Manifest found = found(read, plan, findings);
    if (!found.parts().equals(read.parts())) {
      findings.add("files: %s, not %s".formatted(found.parts(), read.parts()));
    }
    if (!found.commandLine().equals(read.commandLine())) {
      findings.add(
          "command-line: %s, not %s"
              .formatted(found.commandLine().orElse("none"), read.commandLine().orElse("none")));
    }
    for (String disk : plan.disks()) {
      if (read.disk(disk).isEmpty()) {
        findings.add("disk %s is not in the manifest".formatted(disk));
      }
    }
    return findings;
  }

  /// What is there now.
  private static Manifest found(Manifest read, BootPlan plan, List<String> findings)
      throws UserError {
    try {
      for (ManifestDisk disk : read.disks()) {
        Optional<Verity> wanted = disk.verity();
        Path image = plan.images().get(disk.device());
        if (!plan.disks().contains(disk.device())) {
          findings.add("disk %s is missing".formatted(disk.device()));
        } else if (wanted.isPresent() && image != null) {
          Verity tree = ManifestMaker.tree(image, wanted.get().saltBytes()).verity();
          if (!tree.equals(wanted.get())) {
            findings.add("image %s: %s, not %s".formatted(image, tree, wanted.get()));
          }
        }
      }
      return ManifestMaker.make(plan.material(), List.of(), Map.of(), new byte[0], 1);
    } catch (IOException e) {
      throw new UserError(e.getMessage(), e);
    }
  }
}
