package dev.portcullis.management.boot.manifest;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.description.Section;
import dev.portcullis.management.boot.verity.Verity;
import dev.portcullis.vmm.platform.boot.BootPart;
import dev.portcullis.vmm.platform.boot.BootPart.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Manifests as files: JSON, or YAML, whichever one likes to write.
///
/// ```json
///   {
///     "boot-manifest": 1,
///     "partition": "user",
///     "version": 1,
///     "kernel": "9f86d081…",
///     "command-line": "console=ttyS0 …",
///     "disks": [
///       {"device": "disk", "blocks": 4096, "salt": "00ff…", "root": "60303ae2…"},
///       {"device": "data"}
///     ]
///   }
/// ```
public final class ManifestFile {
  /// Longer ones are refused unread.
  public static final int MOST_BYTES = 64 << 10;

  private static final int FORMAT = 1;
  private static final int MOST_DISKS = 32;
  private static final int MOST_VERSION = 1_000_000_000;
  private static final int MOST_COMMAND_LINE = 4096;
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern SALT = Pattern.compile("([0-9a-f]{2}){0,256}");

  private ManifestFile() {}

  /// Reads the manifest in a file, if it is signed.
  ///
  /// @param signature file with the signature of the manifest's very bytes
  /// @throws ManifestException if one of them is missing, is too long, is not what it should be, or
  ///   nobody who has `key` signed it
  public static Manifest readSigned(Path file, Path signature, VerifyingKey key)
      throws ManifestException {
    byte[] bytes = bytes(file);
    byte[] signed = SignatureFile.read(signature);
    if (!key.isSignature(signed, bytes)) {
      throw new ManifestException(
          "%s is no signature of %s by the key %s".formatted(signature, file, key.name()));
    }
    return parse(file.toString(), bytes);
  }

  /// Reads the manifest in a file, whoever wrote it.
  public static Manifest read(Path file) throws ManifestException {
    return parse(file.toString(), bytes(file));
  }

  /// The bytes of a manifest, which are what is signed.
  public static byte[] bytes(Path file) throws ManifestException {
    try {
      return SmallFile.read(file, MOST_BYTES);
    } catch (IOException e) {
      throw new ManifestException(e.getMessage(), e);
    }
  }

  /// Reads a manifest.
  ///
  /// @param name what messages call it
  public static Manifest parse(String name, byte[] bytes) throws ManifestException {
    if (bytes.length > MOST_BYTES) {
      throw new ManifestException(name + ": larger than 64 KiB: not a manifest");
    }
    try {
      return manifest(Section.parse(name, text(name, bytes)));
    } catch (MachineFileException e) {
      throw new ManifestException(e.getMessage(), e);
    } catch (RuntimeException | StackOverflowError e) {
      // A library's own failure at what somebody wrote.
      throw new ManifestException(name + ": cannot be read: " + e.getClass().getSimpleName(), e);
    }
  }

  private static String text(String name, byte[] bytes) throws ManifestException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new ManifestException(name + ": not UTF-8", e);
    }
  }

  private static Manifest manifest(Section file) throws MachineFileException {
    file.number("boot-manifest", FORMAT, FORMAT)
        .orElseThrow(() -> file.wrong("\"boot-manifest\" is missing: 1 is the one there is"));
    String partition = file.required("partition", text -> text);
    int version =
        file.number("version", 1, MOST_VERSION)
            .orElseThrow(() -> file.wrong("\"version\" is missing: 1, and more with each change"));
    Map<Kind, String> parts = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      file.value(kind.word(), ManifestFile::digest).ifPresent(digest -> parts.put(kind, digest));
    }
    Optional<String> line = file.value("command-line", ManifestFile::commandLine);
    List<ManifestDisk> disks = disks(file);
    file.end();
    return new Manifest(partition, version, parts, line, disks);
  }

  private static String digest(String text) {
    if (!DIGEST.matcher(text).matches()) {
      throw new IllegalArgumentException("a SHA-256 digest has 64 digits, 0 to 9 and a to f");
    }
    return text;
  }

  private static String salt(String text) {
    if (!SALT.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "a salt has two digits for each of up to 256 bytes, 0 to 9 and a to f");
    }
    return text;
  }

  private static String commandLine(String text) {
    if (text.length() > MOST_COMMAND_LINE) {
      throw new IllegalArgumentException("a command line has up to 4,096 characters");
    }
    return text;
  }

  private static List<ManifestDisk> disks(Section file) throws MachineFileException {
    List<Section> sections = file.sections("disks").orElse(List.of());
    if (sections.size() > MOST_DISKS) {
      throw file.wrong("disks", "%d disks: up to %d".formatted(sections.size(), MOST_DISKS));
    }
    List<ManifestDisk> disks = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Section section : sections) {
      ManifestDisk disk = disk(section);
      if (!names.add(disk.device())) {
        throw section.wrong("device", "\"" + disk.device() + "\" is said twice");
      }
      disks.add(disk);
    }
    return disks;
  }

  private static ManifestDisk disk(Section section) throws MachineFileException {
    String device = section.required("device", text -> text);
    Optional<Integer> blocks = section.number("blocks", 1, (int) Verity.MOST_BLOCKS);
    Optional<String> salt = section.value("salt", ManifestFile::salt);
    Optional<String> root = section.value("root", ManifestFile::digest);
    section.end();
    if (blocks.isEmpty() && salt.isEmpty() && root.isEmpty()) {
      return new ManifestDisk(device, Optional.empty());
    }
    if (blocks.isEmpty() || salt.isEmpty() || root.isEmpty()) {
      throw section.wrong("\"blocks\", \"salt\" and \"root\" belong together");
    }
    return new ManifestDisk(device, Optional.of(new Verity(blocks.get(), salt.get(), root.get())));
  }

  /// Writes a manifest, as JSON.
  public static String toJson(Manifest manifest) {
    StringBuilder json = new StringBuilder("{\n  \"boot-manifest\": 1,\n");
    json.append("  \"partition\": ").append(quoted(manifest.partition())).append(",\n");
    json.append("  \"version\": ").append(manifest.version());
    for (BootPart.Kind kind : Kind.values()) {
      String digest = manifest.parts().get(kind);
      if (digest != null) {
        json.append(",\n  \"%s\": %s".formatted(kind.word(), quoted(digest)));
      }
    }
    manifest
        .commandLine()
        .ifPresent(line -> json.append(",\n  \"command-line\": ").append(quoted(line)));
    if (!manifest.disks().isEmpty()) {
      json.append(",\n  \"disks\": [\n    ");
      json.append(
          String.join(",\n    ", manifest.disks().stream().map(ManifestFile::json).toList()));
      json.append("\n  ]");
    }
    return json.append("\n}\n").toString();
  }

  private static String json(ManifestDisk disk) {
    String device = "\"device\": " + quoted(disk.device());
    return disk.verity()
        .map(verity ->
            "{%s, \"blocks\": %d, \"salt\": %s, \"root\": %s}"
                .formatted(device, verity.blocks(), quoted(verity.salt()), quoted(verity.root())))
        .orElse("{" + device + "}");
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    text.chars()
        .forEach(c -> {
          if (c == '"' || c == '\\') {
            out.append('\\').append((char) c);
          } else if (c < ' ' || c > '~') {
            out.append("\\u%04x".formatted(c));
          } else {
            out.append((char) c);
          }
        });
    return out.append('"').toString();
  }
}
