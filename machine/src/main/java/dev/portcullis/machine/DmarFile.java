package dev.portcullis.machine;

import dev.portcullis.machine.firmware.Placements;
import dev.portcullis.spec.dmar.DmarTable;
import dev.portcullis.spec.dmar.Drhd;
import dev.portcullis.spec.dmar.MalformedDmarException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The DMAR table in a file, for a QEMU whose command line we do not know: where its firmware will
/// put the registers is a guess at first, and corrected when the firmware has done so.
public final class DmarFile {
  private static final System.Logger LOG = System.getLogger(DmarFile.class.getName());

  /// Where SeaBIOS put the window of the first function of a small q35 machine.
  private static final long USUAL_BASE = 0xfebf_1000L;

  private final Platform platform;
  private final Path path;
  private Map<String, Long> bases;

  private DmarFile(Platform platform, Path path) {
    this.platform = platform;
    this.path = path;
  }

  /// Writes the table of `platform` to `path`, and keeps it true while the platform is served. A
  /// table that is there already says where registers were last time.
  public static DmarFile write(Platform platform, Path path) throws PlatformException {
    DmarFile file = new DmarFile(platform, path);
    try {
      file.bases = file.lastTime();
      file.write();
      platform.onPlacement(file::correct);
      return file;
    } catch (IOException e) {
      throw new PlatformException("cannot write " + path + ": " + e.getMessage(), e);
    }
  }

  public Path path() {
    return path;
  }

  private Map<String, Long> lastTime() throws IOException {
    List<Drhd> units = unitsOf(path);
    Map<String, Long> last = new TreeMap<>();
    long next = USUAL_BASE;
    for (UnitStation unit : platform.units()) {
      int index = last.size();
      boolean known = units.size() == platform.units().size();
      last.put(unit.id(), known ? units.get(index).registerBase() : next);
      next += unit.unit().registerWindowBytes();
    }
    return last;
  }

  private static List<Drhd> unitsOf(Path path) throws IOException {
    try {
      return DmarTable.decode(Files.readAllBytes(path)).structures().stream()
          .filter(Drhd.class::isInstance)
          .map(Drhd.class::cast)
          .toList();
    } catch (NoSuchFileException | MalformedDmarException none) {
      return List.of();
    }
  }

  private void write() throws IOException {
    Files.write(path, platform.dmar(bases).encode());
  }

  private synchronized void correct(Map<String, Long> found) {
    if (!found.keySet().equals(bases.keySet()) || found.equals(bases)) {
      return;
    }
    bases = found;
    try {
      write();
      LOG.log(
          Level.WARNING,
          "the firmware put the registers at {0}, and {1} says so now: start QEMU once more",
          Placements.text(found),
          path);
    } catch (IOException e) {
      LOG.log(Level.ERROR, "cannot write " + path + ": " + e.getMessage());
    }
  }
}
