package dev.portcullis.qemu.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CacheTest {

  @Test
  void theCacheLiesWhereTheUserKeepsCaches() {
    assertThat(Cache.defaultHome(Map.of("XDG_CACHE_HOME", "/c", "HOME", "/h")))
        .isEqualTo(Path.of("/c/portcullis"));
    assertThat(Cache.defaultHome(Map.of("HOME", "/h"))).isEqualTo(Path.of("/h/.cache/portcullis"));
  }

  @Test
  void aRelativeCacheFolderIsIgnored() {
    assertThat(Cache.defaultHome(Map.of("XDG_CACHE_HOME", "c", "HOME", "/h")))
        .isEqualTo(Path.of("/h/.cache/portcullis"));
  }

  @Test
  void kernelsAreKnownByTheirLabels() {
    assertThat(KernelVersion.labelled("6.12")).contains(KernelVersion.LINUX_6_12);
    assertThat(KernelVersion.labelled("latest")).contains(KernelVersion.LATEST);
    assertThat(KernelVersion.labelled("/boot/vmlinuz")).isEmpty();
  }
}
