package dev.portcullis.management.provision;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.management.boot.VerifiedBootDescription.VerifiedPartition;
import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What has come to a platform since its file was written.
///
/// ```
///   provision.NAME  ─▶  what messages call the file, its folder, its text
/// ```
///
/// @param platform with them
/// @param verified how those of them that have manifests are verified
/// @param troubles why others of them are not there, a line each
public record Provisioned(
    PlatformDescription platform, List<VerifiedPartition> verified, List<String> troubles) {
  private static final String PREFIX = "provision.";

  public Provisioned {
    verified = List.copyOf(verified);
    troubles = List.copyOf(troubles);
  }

  /// What is kept in the folder `state`. One that cannot be had any more is left out, and told.
  ///
  /// @param written the platform as its file has it
  public static Provisioned load(Path state, PlatformDescription written) {
    PlatformDescription platform = written;
    List<VerifiedPartition> verified = new ArrayList<>();
    List<String> troubles = new ArrayList<>();
    if (Files.isDirectory(state)) {
      try {
        StateStore store = StateStore.open(state);
        for (String key : store.keys(PREFIX)) {
          try {
            Provision one = read(store.read(key).orElse(""), platform);
            platform = platform.with(one.addition());
            one.boot().ifPresent(verified::add);
          } catch (StateException | MachineFileException | IllegalArgumentException e) {
            troubles.add(
                "partition %s is not there: %s (provision --remove forgets it)"
                    .formatted(key.substring(PREFIX.length()), e.getMessage()));
          }
        }
      } catch (StateException e) {
        troubles.add(e.getMessage());
      }
    }
    return new Provisioned(platform, verified, troubles);
  }

  private static Provision read(String kept, PlatformDescription platform)
      throws MachineFileException {
    String[] parts = kept.split("\n", 3);
    if (parts.length != 3) {
      throw new IllegalArgumentException("what is kept of it makes no sense");
    }
    return ProvisionFile.parse(parts[0], Path.of(parts[1]), parts[2], platform);
  }

  static void keep(StateStore state, String partition, String name, Path folder, String yaml)
      throws StateException {
    String title = name.replace('\n', ' ');
    state.write(PREFIX + partition, title + "\n" + folder.toAbsolutePath() + "\n" + yaml);
  }

  static boolean isKept(StateStore state, String partition) throws StateException {
    return state.keys(PREFIX).contains(PREFIX + partition);
  }

  static void forget(StateStore state, String partition) throws StateException {
    state.forget(PREFIX + partition);
  }
}
