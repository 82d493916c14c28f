package dev.portcullis.management.recovery;

import dev.portcullis.devices.block.FileBackend;
import java.io.IOException;
import java.nio.file.Path;

/// Rebuilds a disk in a process of its own, one step for each byte that it is sent.
final class RebuildChild {
  private RebuildChild() {}

  /// @param arguments the folder of a [Site], with `disk.img` and `data.img`
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    Site site = new Site(folder);
    try (FileBackend disk = FileBackend.open(folder.resolve("disk.img"), 512);
        FileBackend data = FileBackend.open(folder.resolve("data.img"), 512);
        Rebuild rebuild =
            site.rebuild(
                new TestTarget(disk, data), DataDisk.REPLACE, (step, fraction) -> step(fraction))) {
      rebuild.prepare(site.boot());
      rebuild.write();
      rebuild.start();
    }
    System.out.println("end");
  }

  private static void step(double fraction) {
    System.out.println("at " + fraction);
    System.out.flush();
    try {
      if (System.in.read() < 0) {
        throw new IllegalStateException("nobody wants more");
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
