package dev.portcullis.qemu.install;

import dev.portcullis.qemu.host.HostCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Installs bundles into the cache folder. A bundle's folder appears by one rename when it is
/// complete, so whoever sees it can use it; what an interrupted run leaves behind is removed by the
/// next.
final class Installer {

  private static final String MANIFEST = "MANIFEST";

  /// Unpacked packages and what is kept of them, measured against the download.
  private static final int UNPACKED_PER_DOWNLOADED = 8;

  private static final Duration UNPACK_LIMIT = Duration.ofMinutes(5);

  private final Path home;

  Installer(Path home) {
    this.home = home;
  }

  /// Whether the bundle is there, complete and of the current edition.
  boolean has(Bundle.Identity bundle) {
    Path manifest = home.resolve(bundle.name()).resolve(MANIFEST);
    try {
      return Files.isRegularFile(manifest)
          && Files.readString(manifest).startsWith(heading(bundle));
    } catch (IOException unreadable) {
      return false;
    }
  }

  /// The folder of the bundle; installs it if it is not there.
  Path install(Bundle bundle, Progress progress)
      throws ProvisioningException, InterruptedException {
    if (!has(bundle.identity())) {
      try (CacheLock _ = CacheLock.acquire(home, () -> progress.report(waiting(bundle), 0))) {
        if (!has(bundle.identity())) {
          installLocked(bundle, progress);
        }
      } catch (IOException | UncheckedIOException e) {
        throw new ProvisioningException(
            "cannot install %s in %s: %s (is the disk full or read-only?)"
                .formatted(bundle.name(), home, e.getMessage()),
            e);
      }
    }
    return home.resolve(bundle.name());
  }

  private void installLocked(Bundle bundle, Progress progress)
      throws IOException, ProvisioningException, InterruptedException {
    Path work = home.resolve("work");
    delete(work);
    var suites = bundle.suite().sources();
    var apt = new Apt(home.resolve("apt-" + suites.getFirst().codename()), suites);
    apt.refresh(bundle.name() + ": package lists", progress);
    List<DebianPackage> packages =
        apt.closure(bundle.suite(), bundle.packages()).stream().filter(bundle.wanted()).toList();
    if (packages.isEmpty()) {
      throw new ProvisioningException(
          "the Debian mirror has no %s in %s".formatted(bundle.packages(), bundle.suite()));
    }
    long sizeBytes = packages.stream().mapToLong(DebianPackage::sizeBytes).sum();
    demandSpace(sizeBytes * UNPACKED_PER_DOWNLOADED);

    Path archives = Files.createDirectories(work.resolve("archives"));
    String step = "%s: download %d MB".formatted(bundle.name(), Math.ceilDiv(sizeBytes, 1_000_000));
    apt.download(packages, archives, step, progress);

    Path unpacked = Files.createDirectories(work.resolve("unpacked"));
    unpack(archives, unpacked, bundle.name() + ": unpack", progress);
    Path kept = Files.createDirectories(work.resolve("kept"));
    bundle.keeper().keep(unpacked, kept);
    Files.writeString(kept.resolve(MANIFEST), heading(bundle.identity()) + listing(packages));
    delete(home.resolve(bundle.name()));
    Files.move(kept, home.resolve(bundle.name()), StandardCopyOption.ATOMIC_MOVE);
    delete(work);
  }

  private void demandSpace(long neededBytes) throws IOException, ProvisioningException {
    long usableBytes = Files.getFileStore(home).getUsableSpace();
    if (usableBytes < neededBytes) {
      throw new ProvisioningException(
          "%s has %d MB free, %d MB are needed: make room, or choose another cache folder"
              .formatted(home, usableBytes / 1_000_000, neededBytes / 1_000_000));
    }
  }

  private static void unpack(Path archives, Path target, String step, Progress progress)
      throws IOException, ProvisioningException, InterruptedException {
    List<Path> files;
    try (Stream<Path> listed = Files.list(archives)) {
      files = listed.filter(f -> f.toString().endsWith(".deb")).sorted().toList();
    }
    for (int done = 0; done < files.size(); done++) {
      progress.report(step, (double) done / files.size());
      Path file = files.get(done);
      var words = List.of("dpkg-deb", "--extract", file.toString(), target.toString());
      var result = new HostCommand(words).run(UNPACK_LIMIT);
      if (!result.succeeded()) {
        throw new ProvisioningException(
            "cannot unpack %s: %s".formatted(file.getFileName(), result.firstLine()));
      }
    }
    progress.report(step, 1);
  }

  private static String heading(Bundle.Identity bundle) {
    return "%s edition %d\n".formatted(bundle.name(), bundle.edition());
  }

  private static String listing(List<DebianPackage> packages) {
    return packages.stream()
        .map(p -> p.name() + " " + p.version() + "\n")
        .sorted()
        .collect(Collectors.joining());
  }

  private static String waiting(Bundle bundle) {
    return bundle.name() + ": another process is installing, waiting for it";
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      List<Path> deepestFirst;
      try (Stream<Path> files = Files.walk(folder)) {
        deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path file : deepestFirst) {
        Files.delete(file);
      }
    }
  }
}
