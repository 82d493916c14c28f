package dev.portcullis.qemu.install;

import java.util.List;

/// A part of the Debian archive that packages are taken from.
enum DebianSuite {
  /// Debian 12, the origin of Linux 6.1.
  BOOKWORM("bookworm"),
  /// Debian 13, the origin of Linux 6.12 and of the tools.
  TRIXIE("trixie"),
  /// Newer software for Debian 13: QEMU with vfio-user, the newest kernel.
  TRIXIE_BACKPORTS("trixie-backports");

  private final String codename;

  DebianSuite(String codename) {
    this.codename = codename;
  }

  String codename() {
    return codename;
  }

  /// The suites that must be known to apt to solve dependencies in this one. The two of Debian 13
  /// share one list, so that package lists are fetched once.
  List<DebianSuite> sources() {
    return this == BOOKWORM ? List.of(BOOKWORM) : List.of(TRIXIE, TRIXIE_BACKPORTS);
  }
}
