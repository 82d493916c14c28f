package dev.portcullis.qemu.install;

import dev.portcullis.qemu.host.HostCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Small programs that go into a guest or work on its disks from outside: busybox, linked
/// statically, and the ext4 tools.
///
/// @param tree where they lie
public record Tools(ProgramTree tree) {

  /// The ext4 programs, relative to the tree's root.
  public static final List<String> EXT4 =
      List.of("usr/sbin/mke2fs", "usr/sbin/e2fsck", "usr/sbin/tune2fs", "usr/sbin/dumpe2fs");

  /// How a tool ended: its exit code, and what it wrote.
  public record Result(int exitCode, String output) {

    String firstLine() {
      return output.lines().findFirst().orElse("").strip();
    }
  }

  /// The static busybox.
  public Path busybox() {
    return tree.root().resolve("usr/bin/busybox");
  }

  /// Checks an ext4 file system in a file or device, changing nothing. Exit code 0 means clean.
  public Result checkExt4(Path fileSystem) throws ProvisioningException, InterruptedException {
    return run(tree.command("usr/sbin/e2fsck", "-fn", fileSystem.toString()));
  }

  /// Runs a busybox applet on the host.
  Result busybox(String... words) throws ProvisioningException, InterruptedException {
    var command = new ArrayList<>(List.of(busybox().toString()));
    command.addAll(List.of(words));
    return run(command);
  }

  private static Result run(List<String> words) throws ProvisioningException, InterruptedException {
    try {
      var result = new HostCommand(words).run(Duration.ofMinutes(5));
      return new Result(result.exitCode(), result.output());
    } catch (IOException e) {
      throw new ProvisioningException("cannot run " + String.join(" ", words) + ": " + e, e);
    }
  }
}
