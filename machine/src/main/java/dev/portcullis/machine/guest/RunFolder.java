package dev.portcullis.machine.guest;

import dev.portcullis.machine.PlatformException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The folder of one run: sockets, tables, disks nobody named. Gone when the run is over, also when
/// the process is told to end.
final class RunFolder implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(RunFolder.class.getName());

  private final Path path;
  private final Thread atExit;

  private RunFolder(Path path) {
    this.path = path;
    this.atExit = Thread.ofPlatform().name("remove " + path.getFileName()).unstarted(this::remove);
  }

  static RunFolder create() throws PlatformException {
    try {
      RunFolder folder = new RunFolder(Files.createTempDirectory("portcullis-"));
      Runtime.getRuntime().addShutdownHook(folder.atExit);
      return folder;
    } catch (IOException e) {
      throw new PlatformException("cannot make a temporary folder: " + e.getMessage(), e);
    }
  }

  Path path() {
    return path;
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
      remove();
    } catch (IllegalStateException exiting) {
      LOG.log(Level.DEBUG, "the folder goes with the process", exiting);
    }
  }

  private void remove() {
    try (Stream<Path> files = Files.list(path)) {
      List<Path> all = files.toList();
      for (Path file : all) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(path);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot remove " + path + ": " + e.getMessage());
    }
  }
}
