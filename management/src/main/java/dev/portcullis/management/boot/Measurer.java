package dev.portcullis.management.boot;

import dev.portcullis.management.boot.log.LogEventType;
import dev.portcullis.management.boot.log.LoggedEvent;
import dev.portcullis.management.boot.manifest.Manifest;
import dev.portcullis.management.boot.verity.BlockSource;
import dev.portcullis.management.boot.verity.HashTree;
import dev.portcullis.management.boot.verity.Verity;
import dev.portcullis.vmm.platform.boot.BootDisk;
import dev.portcullis.vmm.platform.boot.BootMaterial;
import dev.portcullis.vmm.platform.boot.BootPart;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Measures what a partition boots from, in the order in which it comes to work.
///
/// | register | what |
/// |---|---|
/// | 0 | firmware |
/// | 0 to 7 | a separator |
/// | 4 | kernel, or image |
/// | 8 | command line |
/// | 9 | initramfs |
/// | 15 | disks |
final class Measurer {
  private static final int FIRMWARE = 0;
  private static final int LAST_OF_FIRMWARE = 7;
  private static final int LOADED = 4;
  private static final int COMMAND_LINE = 8;
  private static final int INITRAMFS = 9;
  private static final int DISKS = 15;
  private static final long FOUR_GIB = 1L << 32;

  private final Optional<Manifest> manifest;
  private final List<Measurement> measurements = new ArrayList<>();
  private final List<LoggedEvent> events = new ArrayList<>();
  private final List<String> findings = new ArrayList<>();

  /// @param manifest says which blocks of disks are measured, and how
  Measurer(Optional<Manifest> manifest) {
    this.manifest = manifest;
  }

  /// What was measured.
  List<Measurement> measurements() {
    return measurements;
  }

  /// The same as events.
  List<LoggedEvent> events() {
    return events;
  }

  /// What could not be measured.
  List<String> findings() {
    return findings;
  }

  void measure(BootMaterial material) {
    material.part(BootPart.Kind.FIRMWARE).ifPresent(this::firmware);
    for (int register = FIRMWARE; register <= LAST_OF_FIRMWARE; register++) {
      byte[] end = new byte[4];
      events.add(new LoggedEvent(register, LogEventType.EV_SEPARATOR.code(), sha256(end), end));
    }
    material.part(BootPart.Kind.KERNEL).ifPresent(part -> part(part, LOADED));
    material.part(BootPart.Kind.IMAGE).ifPresent(part -> part(part, LOADED));
    material.commandLine().ifPresent(this::commandLine);
    material.part(BootPart.Kind.INITRAMFS).ifPresent(part -> part(part, INITRAMFS));
    material.disks().forEach(this::disk);
  }

  /// It ends at 4 GiB, as firmware does.
  private void firmware(BootPart part) {
    ByteBuffer place = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    place.putLong(FOUR_GIB - part.bytes()).putLong(part.bytes());
    add(
        part,
        FIRMWARE,
        new LoggedEvent(
            FIRMWARE,
            LogEventType.EV_EFI_PLATFORM_FIRMWARE_BLOB.code(),
            part.digest(),
            place.array()));
  }

  private void part(BootPart part, int register) {
    add(part, register, load(register, part.digest(), part.kind().word() + ": " + part.name()));
  }

  private void add(BootPart part, int register, LoggedEvent event) {
    String what = part.kind().word();
    Optional<String> expected = manifest.map(one -> one.parts().get(part.kind()));
    measurements.add(new Measurement(what, register, part.sha256(), expected));
    events.add(event);
  }

  private static LoggedEvent load(int register, byte[] digest, String text) {
    byte[] data = (text + "\0").getBytes(StandardCharsets.UTF_8);
    return new LoggedEvent(register, LogEventType.EV_IPL.code(), digest, data);
  }

  /// As GRUB does: the digest is that of the line alone.
  private void commandLine(String line) {
    byte[] digest = sha256(line.getBytes(StandardCharsets.UTF_8));
    measurements.add(
        new Measurement(
            BootRecord.COMMAND_LINE, COMMAND_LINE, line, manifest.flatMap(Manifest::commandLine)));
    events.add(load(COMMAND_LINE, digest, "kernel_cmdline: " + line));
  }

  private void disk(BootDisk disk) {
    Optional<Verity> wanted = manifest.flatMap(one -> one.verity(disk.name()));
    if (wanted.isEmpty()) {
      Optional<String> expected =
          manifest.flatMap(one -> one.disk(disk.name())).map(data -> Measurement.DATA);
      disk(disk.name(), Measurement.DATA, expected, Measurement.DATA);
      return;
    }
    Verity verity = wanted.get();
    if (verity.blocks() > disk.blocks().sizeBytes() / Verity.BLOCK_BYTES) {
      findings.add("disk %s has less than %,d blocks".formatted(disk.name(), verity.blocks()));
      return;
    }
    try {
      String root = HashTree.root(BlockSource.of(disk.blocks()), verity);
      Verity found = new Verity(verity.blocks(), verity.salt(), root);
      disk(disk.name(), root, Optional.of(verity.root()), found.toString());
    } catch (IOException e) {
      findings.add("disk %s cannot be read: %s".formatted(disk.name(), e.getMessage()));
    }
  }

  private void disk(String name, String value, Optional<String> expected, String text) {
    String said = "disk " + name + ": " + text;
    measurements.add(new Measurement("disk " + name, DISKS, value, expected));
    events.add(load(DISKS, sha256(said.getBytes(StandardCharsets.UTF_8)), said));
  }

  static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
