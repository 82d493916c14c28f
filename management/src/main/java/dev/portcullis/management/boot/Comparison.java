package dev.portcullis.management.boot;

import dev.portcullis.management.boot.manifest.Manifest;
import dev.portcullis.management.boot.manifest.ManifestDisk;
import dev.portcullis.vmm.platform.boot.BootMaterial;
import dev.portcullis.vmm.platform.boot.BootPart;
import java.util.ArrayList;
import java.util.List;

/// What is not as a manifest says.
final class Comparison {
  private static final int SHOWN_CHARACTERS = 16;

  private Comparison() {}

  /// @return one finding for each thing that differs; none if all is as it should be
  static List<String> of(Manifest manifest, BootMaterial material, List<Measurement> measured) {
    List<String> findings = new ArrayList<>();
    for (Measurement one : measured) {
      if (one.expected().isEmpty()) {
        findings.add(one.what() + " is not in the manifest");
      } else if (!one.isAsExpected()) {
        findings.add(one.what() + " is " + difference(one.value(), one.expected().get()));
      }
    }
    for (BootPart.Kind kind : BootPart.Kind.values()) {
      if (manifest.parts().containsKey(kind) && material.part(kind).isEmpty()) {
        findings.add(kind.word() + " is missing");
      }
    }
    if (manifest.commandLine().isPresent() && material.commandLine().isEmpty()) {
      findings.add(BootRecord.COMMAND_LINE + " is missing");
    }
    for (ManifestDisk disk : manifest.disks()) {
      if (material.disks().stream().noneMatch(one -> one.name().equals(disk.device()))) {
        findings.add("disk %s is missing".formatted(disk.device()));
      }
    }
    return findings;
  }

  /// What is, and what should be: their beginnings, or what comes where they begin to differ.
  static String difference(String value, String expected) {
    int same = 0;
    while (same < Math.min(value.length(), expected.length())
        && value.charAt(same) == expected.charAt(same)) {
      same++;
    }
    int from = same < SHOWN_CHARACTERS ? 0 : same;
    return shown(value, from) + ", not " + shown(expected, from);
  }

  private static String shown(String value, int from) {
    int to = Math.min(value.length(), from + SHOWN_CHARACTERS);
    return (from > 0 ? "…" : "") + value.substring(from, to) + (to < value.length() ? "…" : "");
  }
}
