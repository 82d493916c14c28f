package dev.portcullis.cli;

import dev.portcullis.management.boot.ManifestMaker;
import dev.portcullis.management.boot.manifest.ManifestException;
import dev.portcullis.management.boot.manifest.ManifestFile;
import dev.portcullis.management.boot.manifest.SignatureFile;
import dev.portcullis.management.boot.manifest.SigningKey;
import dev.portcullis.management.boot.verity.HashTree;
import dev.portcullis.management.boot.verity.Verity;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Makes and checks what verified boot needs.
@Command(
    name = "boot",
    description = "Makes and checks what verified boot needs: keys, manifests, hash trees.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      BootCommand.Keygen.class,
      BootMeasureCommand.class,
      BootCommand.Sign.class,
      BootVerifyCommand.class,
      BootCommand.Tree.class
    })
final class BootCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command?");
  }

  @Command(
      name = "keygen",
      description =
          "Makes a key: NAME.key signs manifests and stays with you, NAME.pub goes along.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Keygen implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "NAME", description = "What both files are called.")
    private Path name;

    @Override
    public Integer call() throws UserError {
      try {
        SigningKey.generate(sibling(name, ".key"), sibling(name, ".pub"));
        return 0;
      } catch (FileAlreadyExistsException e) {
        throw new UserError(e.getFile() + " is there already: it is not overwritten", e);
      } catch (IOException e) {
        throw new UserError("cannot be written: " + e.getMessage(), e);
      }
    }

    private static Path sibling(Path name, String ending) {
      return name.resolveSibling(name.getFileName() + ending);
    }
  }

  @Command(
      name = "sign",
      description = "Signs a manifest: MANIFEST.sig is what counts for it from now on.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Sign implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "MANIFEST", description = "The manifest.")
    private Path manifest;

    @Option(
        names = "--key",
        required = true,
        paramLabel = "FILE",
        description = "The secret key: NAME.key of keygen.")
    private Path key;

    @Override
    public Integer call() throws UserError {
      try {
        SigningKey signer = SigningKey.read(key);
        byte[] bytes = ManifestFile.bytes(manifest);
        // Nobody signs what will not be understood.
        ManifestFile.parse(manifest.toString(), bytes);
        Files.write(SignatureFile.of(manifest), signer.sign(bytes));
        return 0;
      } catch (ManifestException e) {
        throw new UserError(e.getMessage(), e);
      } catch (IOException e) {
        throw new UserError("cannot be written: " + e.getMessage(), e);
      }
    }
  }

  @Command(
      name = "tree",
      description = {
        "Writes the hash tree of a disk image, as dm-verity has it, and prints what",
        "veritysetup verify wants to know."
      },
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Tree implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "IMAGE", description = "The image.")
    private Path image;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "The hash device.")
    private Path out;

    @Option(
        names = "--salt",
        paramLabel = "HEX",
        converter = SaltOption.class,
        description = "Up to 256 bytes; 32 random ones if not given.")
    private SaltOption.Salt salt;

    @Override
    public Integer call() throws UserError {
      byte[] bytes = salt == null ? SaltOption.random() : salt.bytes();
      try (OutputStream file = Files.newOutputStream(out)) {
        HashTree tree = ManifestMaker.tree(image, bytes);
        tree.writeTo(file);
        Verity verity = tree.verity();
        spec.commandLine()
            .getOut()
            .printf(
                "blocks %d%nsalt   %s%nroot   %s%nveritysetup verify %s %s %s%n",
                verity.blocks(),
                verity.salt().isEmpty() ? "-" : verity.salt(),
                verity.root(),
                image,
                out,
                verity.root());
        return 0;
      } catch (IOException e) {
        throw new UserError(e.getMessage(), e);
      }
    }
  }
}
