package dev.portcullis.qemu.install;

import dev.portcullis.qemu.host.HostCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A folder with Debian programs and the libraries they need, independent of the host's: programs
/// are run by the tree's own dynamic loader.
///
/// @param root the folder that stands for `/`
public record ProgramTree(Path root) {

  /// Where Debian keeps libraries, relative to the root.
  private static final Path LIBRARIES = Path.of("usr/lib/x86_64-linux-gnu");

  /// The dynamic loader, relative to the root.
  public static final Path LOADER = LIBRARIES.resolve("ld-linux-x86-64.so.2");

  /// A line of `ld.so --list`: `libz.so.1 => /path/libz.so.1 (0x…)`.
  private static final Pattern RESOLVED = Pattern.compile("\\s*\\S+ => (/.*) \\(0x[0-9a-f]+\\)");

  /// The words that run a program of this tree on the host.
  ///
  /// @param program relative to the root: `usr/sbin/e2fsck`
  public List<String> command(String program, String... arguments) {
    var words = new ArrayList<>(loader());
    words.add(root.resolve(program).toString());
    words.addAll(List.of(arguments));
    return List.copyOf(words);
  }

  /// The shared objects that a dynamically linked program loads, its loader included, relative to
  /// the root; empty for a static one.
  ///
  /// @param program relative to the root
  public List<Path> sharedObjects(String program)
      throws ProvisioningException, InterruptedException {
    var words = new ArrayList<>(loader());
    words.add("--list");
    words.add(root.resolve(program).toString());
    try {
      var result = new HostCommand(words).run(Duration.ofSeconds(30));
      Optional<String> missing =
          result.output().lines().filter(line -> line.endsWith("not found")).findFirst();
      if (missing.isPresent()) {
        throw new ProvisioningException(
            "a library of %s is missing: %s".formatted(program, missing.get().strip()));
      }
      var objects =
          result
              .output()
              .lines()
              .map(RESOLVED::matcher)
              .filter(Matcher::matches)
              .map(match -> root.relativize(Path.of(match.group(1)).normalize()))
              .collect(Collectors.toCollection(TreeSet::new));
      if (!objects.isEmpty()) {
        objects.add(LOADER);
      }
      return List.copyOf(objects);
    } catch (IOException e) {
      throw new ProvisioningException("cannot list the libraries of " + program, e);
    }
  }

  private List<String> loader() {
    return List.of(root.resolve(LOADER).toString(), "--library-path", libraryPath());
  }

  /// The library folder and those of its subfolders that packages reach by RUNPATH.
  private String libraryPath() {
    Path libraries = root.resolve(LIBRARIES);
    return Stream.of(libraries, libraries.resolve("ceph"))
        .filter(Files::isDirectory)
        .map(Path::toString)
        .collect(Collectors.joining(":"));
  }
}
