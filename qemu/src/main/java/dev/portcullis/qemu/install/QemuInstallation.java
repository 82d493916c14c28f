package dev.portcullis.qemu.install;

import dev.portcullis.qemu.host.HostCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A QEMU for x86-64 that was asked for its version and answered.
///
/// @param command the words that start it, before any argument
/// @param environment variables it needs besides the host's
/// @param version its version
/// @param devices what it prints for `-device help`
public record QemuInstallation(
    List<String> command, Map<String, String> environment, QemuVersion version, String devices) {

  static final String PROGRAM = "usr/bin/qemu-system-x86_64";

  private static final String FIRMWARE = "bios-256k.bin";
  private static final Duration LIMIT = Duration.ofSeconds(30);

  public QemuInstallation {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  /// A QEMU of the user's own, of any version.
  ///
  /// @throws ProvisioningException if it does not run or is not QEMU
  public static QemuInstallation of(Path program)
      throws ProvisioningException, InterruptedException {
    return probe(List.of(program.toString()), Map.of());
  }

  /// The QEMU in an unpacked tree of Debian packages.
  static QemuInstallation in(ProgramTree tree) throws ProvisioningException, InterruptedException {
    Path root = tree.root();
    String[] firmware = {
      "-L", root.resolve("usr/share/qemu").toString(),
      "-L", root.resolve("usr/share/seabios").toString()
    };
    String modules = root.resolve("usr/lib/x86_64-linux-gnu/qemu").toString();
    return probe(tree.command(PROGRAM, firmware), Map.of("QEMU_MODULE_DIR", modules));
  }

  /// Whether devices can be attached over vfio-user.
  public boolean hasVfioUser() {
    return devices.contains("name \"vfio-user-pci\"");
  }

  /// The firmware that a machine begins with if nothing else is said; empty if this QEMU looks for
  /// it in places that only it knows.
  public Optional<Path> firmware() {
    for (int i = 0; i + 1 < command.size(); i++) {
      Path file = Path.of(command.get(i + 1), FIRMWARE);
      if (command.get(i).equals("-L") && Files.isReadable(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  /// The words to run it with arguments.
  public List<String> command(List<String> arguments) {
    var words = new ArrayList<>(command);
    words.addAll(arguments);
    return List.copyOf(words);
  }

  private static QemuInstallation probe(List<String> command, Map<String, String> environment)
      throws ProvisioningException, InterruptedException {
    String answer = ask(command, environment, "--version");
    QemuVersion version =
        QemuVersion.parse(answer)
            .orElseThrow(() ->
                new ProvisioningException(
                    "%s is not a QEMU: it answers \"%s\""
                        .formatted(command.getFirst(), answer.lines().findFirst().orElse(""))));
    String devices = ask(command, environment, "-device", "help");
    return new QemuInstallation(command, environment, version, devices);
  }

  private static String ask(
      List<String> command, Map<String, String> environment, String... question)
      throws ProvisioningException, InterruptedException {
    var words = new ArrayList<>(command);
    words.addAll(List.of(question));
    try {
      return new HostCommand(words, environment).run(LIMIT).output();
    } catch (IOException e) {
      throw new ProvisioningException(
          "QEMU does not run: %s".formatted(e.getMessage().lines().findFirst().orElse("")), e);
    }
  }
}
