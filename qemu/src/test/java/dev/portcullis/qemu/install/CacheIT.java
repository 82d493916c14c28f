package dev.portcullis.qemu.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheIT {

  @TempDir private Path folder;

  @Test
  void anEmptyFolderIsFilledOnceForAllWhoAsk() throws Exception {
    Files.createDirectories(folder.resolve("work/unpacked/left by an interrupted run"));
    List<String> steps = Collections.synchronizedList(new ArrayList<>());
    Callable<Tools> ask =
        () -> Cache.in(folder).tools((step, fraction) -> steps.add(step + " " + fraction));

    try (var threads = Executors.newFixedThreadPool(2)) {
      for (var answer : threads.invokeAll(List.of(ask, ask))) {
        assertThat(answer.get().busybox("echo", "hello").output()).isEqualTo("hello\n");
      }
    }

    assertThat(steps.stream().filter(s -> s.equals("tools: unpack 1.0"))).hasSize(1);
    assertThat(folder.resolve("work")).doesNotExist();
    assertThat(folder.resolve("tools/MANIFEST")).content().contains("busybox-static 1:1.");
  }

  @Test
  void whatIsInstalledIsFoundWithoutInstallingIt() throws Exception {
    var empty = Cache.in(folder);

    assertThat(empty.installedQemu()).isEmpty();
    assertThat(empty.installedKernel(KernelVersion.LINUX_6_1)).isEmpty();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFolderThatCannotBeWrittenIsReportedInOneLine() throws Exception {
    var file = Files.createFile(folder.resolve("file"));

    assertThatThrownBy(() -> Cache.in(file.resolve("cache")).tools(Progress.none()))
        .isInstanceOf(ProvisioningException.class)
        .hasMessageContaining("cannot install tools in")
        .hasMessageNotContaining("\n");
  }

  @Test
  void aFileThatIsNoKernelIsRefused() throws Exception {
    var file = Files.writeString(folder.resolve("vmlinuz"), "not a kernel");

    assertThatThrownBy(() -> Cache.in(folder).kernel(file.toString(), Progress.none()))
        .isInstanceOf(ProvisioningException.class)
        .hasMessageEndingWith("is not a Linux bzImage");
  }

  @Test
  void aProgramThatIsNoQemuIsRefused() {
    assertThatThrownBy(() -> QemuInstallation.of(Path.of("/bin/echo")))
        .isInstanceOf(ProvisioningException.class)
        .hasMessageContaining("is not a QEMU");
    assertThatThrownBy(() -> QemuInstallation.of(Path.of("/nowhere/qemu")))
        .isInstanceOf(ProvisioningException.class)
        .hasMessageContaining("QEMU does not run");
  }

  @Test
  void theProvidedQemuHasVfioUserAndTheKernelsSayTheirRelease() throws Exception {
    var cache = Cache.in(Cache.defaultHome(System.getenv()));

    assertThat(cache.qemu(Progress.none()).hasVfioUser()).isTrue();
    assertThat(cache.kernel("6.1", Progress.none()).release()).startsWith("6.1.");
    assertThat(cache.kernel("6.12", Progress.none()).release()).startsWith("6.12.");
  }
}
