package dev.portcullis.qemu.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DebianMirrorTest {

  @Test
  void theMainArchiveIsFoundAmongOtherSources() {
    var sites =
        DebianMirror.sites(
            List.of(
                "http://packages.invalid/apt stable stable main Somebody",
                "http://mirror.invalid/debian-security bookworm-security bookworm-security main"
                    + " Debian",
                "http://mirror.invalid/debian bookworm-updates bookworm-updates main Debian",
                "http://mirror.invalid/debian bookworm bookworm contrib Debian",
                "http://mirror.invalid/debian bookworm bookworm main Debian",
                "http://mirror.invalid/debian bookworm bookworm main Debian"));

    assertThat(sites).containsExactly("http://mirror.invalid/debian");
  }

  @Test
  void aSourceWhoseListsWereNeverFetchedIsFoundByItsRelease() {
    var sites =
        DebianMirror.sites(
            List.of("http://mirror.invalid/debian $(CODENAME) trixie main $(ORIGIN)"));

    assertThat(sites).containsExactly("http://mirror.invalid/debian");
  }

  @Test
  void aHostOfAnotherDistributionHasNoMirror() {
    assertThat(DebianMirror.sites(List.of("http://mirror.invalid/u noble noble main Ubuntu")))
        .isEmpty();
  }
}
