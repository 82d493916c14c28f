package dev.portcullis.qemu.guest;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/// Writes the archive format that Linux unpacks as its initial file system: `newc`, a header of
/// ASCII hexadecimal numbers, name and contents each padded to 4 bytes, and a trailer.
///
/// Everything belongs to root and is dated 0, so equal contents make equal archives. Missing parent
/// folders are added.
final class CpioWriter implements AutoCloseable {

  private static final int FOLDER = 0040755;
  private static final int FILE = 0100000;
  private static final int LINK = 0120777;
  private static final int ALIGNMENT_BYTES = 4;

  private final OutputStream output;
  private final Set<String> folders = new HashSet<>();
  private final Set<String> names = new HashSet<>();
  private int lastInode;

  CpioWriter(OutputStream output) {
    this.output = output;
  }

  /// Adds a folder and its parents, unless they are there.
  ///
  /// @param name without a leading slash, as in all methods here
  void folder(String name) throws IOException {
    if (folders.add(name)) {
      addParent(name);
      entry(name, FOLDER, new byte[0]);
    }
  }

  /// Adds a file.
  ///
  /// @param mode its nine permission bits
  void file(String name, int mode, byte[] contents) throws IOException {
    addParent(name);
    entry(name, FILE | mode, contents);
  }

  /// Adds a symbolic link.
  void link(String name, String target) throws IOException {
    addParent(name);
    entry(name, LINK, target.getBytes(StandardCharsets.UTF_8));
  }

  /// Whether something of that name has been added.
  boolean has(String name) {
    return names.contains(name);
  }

  /// Writes the trailer and closes the output.
  @Override
  public void close() throws IOException {
    entry("TRAILER!!!", 0, new byte[0]);
    output.close();
  }

  private void addParent(String name) throws IOException {
    int slash = name.lastIndexOf('/');
    if (slash > 0) {
      folder(name.substring(0, slash));
    }
  }

  private void entry(String name, int mode, byte[] contents) throws IOException {
    if (name.startsWith("/") || !names.add(name)) {
      throw new IllegalArgumentException("cannot add " + name + " to the archive");
    }
    byte[] nameBytes = (name + "\0").getBytes(StandardCharsets.UTF_8);
    int inode = ++lastInode;
    int links = 1;
    int[] fields = {inode, mode, 0, 0, links, 0, contents.length, 0, 0, 0, 0, nameBytes.length, 0};
    var header = new StringBuilder("070701");
    for (int field : fields) {
      header.append("%08x".formatted(field));
    }
    output.write(header.toString().getBytes(StandardCharsets.US_ASCII));
    output.write(nameBytes);
    pad(header.length() + nameBytes.length);
    output.write(contents);
    pad(contents.length);
  }

  private void pad(int lengthBytes) throws IOException {
    output.write(new byte[Math.floorMod(-lengthBytes, ALIGNMENT_BYTES)]);
  }
}
