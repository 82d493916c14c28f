package dev.portcullis.vmm.software;

import java.util.Optional;
import java.util.StringJoiner;

/// The posture collector (RFC 5209) of an embedded client: says what it is and what it has.
///
/// ```
///   posture ⇥ 1
///   challenge ⇥ HEX
///   product-information ⇥ VENDOR ⇥ PRODUCT                   RFC 5792 4.2.2
///   numeric-version ⇥ MAJOR ⇥ MINOR ⇥ BUILD                  4.2.3
///   string-version ⇥ VERSION ⇥ KERNEL                        4.2.4
///   operational-status ⇥ STATUS ⇥ RESULT                     4.2.5
///   port-filter ⇥ on or off ⇥ KIND                           4.2.6
///   installed-package ⇥ NAME ⇥ VERSION                       4.2.7, one line each
///   disk-encryption ⇥ DISK ⇥ KIND or none                    ours: RFC 5792 has no type for it
///   end
/// ```
public final class PostureAgent {
  private PostureAgent() {}

  /// The lines.
  ///
  /// @param challenge what shows that they were made when asked for
  /// @param disk what it calls its disk, if it has one
  static String lines(String challenge, Packages packages, Optional<String> disk) {
    StringJoiner lines = new StringJoiner("\n", "", "\n");
    lines.add("posture\t1");
    lines.add("challenge\t" + challenge);
    lines.add("product-information\tPortcullis\tclient");
    String version = packages.versions().get(Packages.OWN);
    lines.add("string-version\t" + version + "\tembedded");
    lines.add("operational-status\toperational\tsuccessful");
    lines.add("port-filter\toff\tnone");
    packages
        .versions()
        .forEach((name, one) -> lines.add("installed-package\t" + name + "\t" + one));
    disk.ifPresent(name -> lines.add("disk-encryption\t" + name + "\tnone"));
    return lines.add("end").toString();
  }
}
