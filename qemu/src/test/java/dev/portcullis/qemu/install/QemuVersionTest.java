package dev.portcullis.qemu.install;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QemuVersionTest {

  @Test
  void theVersionIsReadFromTheFirstLine() {
    var text = "QEMU emulator version 11.1.3 (Debian 1:11.1.3+ds-1~bpo13+1)\nCopyright (c)";

    assertThat(QemuVersion.parse(text)).contains(new QemuVersion(11, 1, 3));
  }

  @Test
  void aVersionOfTwoNumbersIsReadToo() {
    assertThat(QemuVersion.parse("QEMU emulator version 12.0")).contains(new QemuVersion(12, 0, 0));
  }

  @Test
  void somethingElseHasNoVersion() {
    assertThat(QemuVersion.parse("bash: qemu: command not found")).isEmpty();
  }

  @Test
  void versionsAreComparedAsNumbers() {
    var first = QemuVersion.FIRST_WITH_VFIO_USER;

    assertThat(new QemuVersion(10, 1, 0).atLeast(first)).isTrue();
    assertThat(new QemuVersion(11, 0, 0).atLeast(first)).isTrue();
    assertThat(new QemuVersion(10, 0, 9).atLeast(first)).isFalse();
    assertThat(new QemuVersion(9, 2, 0).atLeast(first)).isFalse();
  }
}
