package dev.portcullis.qemu.install;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DebianPackageTest {

  @Test
  void aLineOfPrintUrisNamesPackageVersionAndSize() {
    var line =
        "'http://mirror.invalid/q.deb' qemu-system-x86_1%3a11.1.3+ds-1~bpo13+1_amd64.deb 10377056"
            + " MD5Sum:8c82dcf89447f04e600379a1a1871f3b";

    var parsed = DebianPackage.parse(line);

    assertThat(parsed)
        .contains(new DebianPackage("qemu-system-x86", "1:11.1.3+ds-1~bpo13+1", 10_377_056));
    assertThat(parsed.get().request()).isEqualTo("qemu-system-x86=1:11.1.3+ds-1~bpo13+1");
  }

  @Test
  void aLineWithoutAHashIsUnderstood() {
    assertThat(DebianPackage.parse("'http://mirror.invalid/l.deb' l_7.3.4-1%7ebpo_all.deb 1928 "))
        .contains(new DebianPackage("l", "7.3.4-1~bpo", 1928));
  }

  @Test
  void otherLinesAreNotPackages() {
    assertThat(DebianPackage.parse("Reading package lists...")).isEmpty();
    assertThat(DebianPackage.parse("")).isEmpty();
  }
}
