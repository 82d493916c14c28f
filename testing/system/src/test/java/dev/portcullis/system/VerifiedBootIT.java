package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.management.boot.ManifestMaker;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.boot.VerifiedBootDescription;
import dev.portcullis.management.boot.VerifiedBootDescription.Others;
import dev.portcullis.management.boot.VerifiedBootDescription.VerifiedPartition;
import dev.portcullis.management.boot.manifest.ManifestFile;
import dev.portcullis.management.boot.manifest.SignatureFile;
import dev.portcullis.management.boot.manifest.SigningKey;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.qemu.guest.Initramfs;
import dev.portcullis.qemu.install.Kernel;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.qemu.install.Progress;
import dev.portcullis.vmm.engine.BootRefusedException;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.engine.qemu.QemuEngine;
import dev.portcullis.vmm.platform.BootPreview;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client.ClientException;
import dev.portcullis.vmm.software.linux.LinuxClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real Linux in QEMU is booted if it is what its manifest says, and not otherwise.
class VerifiedBootIT {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final String PLATFORM =
      """
      memory: 512M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0}
        - {name: disk, type: nvme, at: 00:04.0, size: 16M, file: disk.img}
      partitions:
        - name: user
          engine: qemu
          memory: 320M
          runs: client
          kernel: vmlinuz
          initramfs: initramfs
          append: quiet
          devices: [disk]
        - {name: services, memory: 32M, runs: bridge, devices: [nic]}
      """;

  @TempDir private Path folder;

  @Test
  void tamperedInitramfsIsNotBootedAndAGoodOneIs() throws Exception {
    PlatformDescription description = sign();
    try (RunningPlatform platform =
        RunningPlatform.start(description, folder, event -> {}, boot())) {
      RunningPartition user = platform.partition("user");
      LinuxClient linux = (LinuxClient) user.client().orElseThrow();
      assertThat(linux.shell().run("cat /proc/cmdline", LIMIT).text()).endsWith("quiet");

      resetItself(linux, user, Phase.RUNNING);
      assertThat(linux.shell().run("test ! -e /sentinel && echo again", LIMIT).text())
          .isEqualTo("again");

      byte[] good = Files.readAllBytes(folder.resolve("initramfs"));
      byte[] bad = good.clone();
      bad[bad.length / 2] ^= 1;
      Files.write(folder.resolve("initramfs"), bad);
      resetItself(linux, user, Phase.FAILED);
      assertThat(user.engine().state().reason().orElseThrow())
          .startsWith("not booted: initramfs is ");
      assertThatThrownBy(() -> platform.power(PowerAction.START, "user"))
          .isInstanceOf(BootRefusedException.class);
      assertThat(((QemuEngine) user.engine()).process()).isEmpty();
      assertThat(platform.partition("services").engine().state().phase()).isEqualTo(Phase.RUNNING);

      Files.write(folder.resolve("initramfs"), good);
      platform.power(PowerAction.START, "user");
      assertThat(linux.shell().run("uname -r", LIMIT).text()).startsWith("6.12");
    }
  }

  /// The guest's own doing: nobody outside has asked for it.
  private static void resetItself(LinuxClient linux, RunningPartition user, Phase then)
      throws Exception {
    QemuEngine engine = (QemuEngine) user.engine();
    CountDownLatch came = new CountDownLatch(1);
    if (then == Phase.FAILED) {
      engine.onChange(state -> {
        if (state.is(Phase.FAILED)) {
          came.countDown();
        }
      });
    } else {
      engine.onBoot(came::countDown);
    }
    assertThatThrownBy(
            () -> linux.shell().run("touch /sentinel; echo b > /proc/sysrq-trigger", LIMIT))
        .isInstanceOf(ClientException.class);
    assertThat(came.await(1, TimeUnit.MINUTES)).isTrue();
    assertThat(engine.state().phase()).isEqualTo(then);
  }

  private PlatformDescription sign() throws Exception {
    Kernel kernel = Lab.CACHE.kernel(KernelVersion.LINUX_6_12, Progress.none());
    Files.copy(kernel.image(), folder.resolve("vmlinuz"));
    Initramfs.of(Lab.tools()).modules(kernel).obeying(kernel).writeTo(folder.resolve("initramfs"));
    Files.write(folder.resolve("disk.img"), new byte[16 << 20]);
    PlatformDescription description = PlatformFile.parse("test.yaml", folder, PLATFORM);
    var material = BootPreview.of(description.partition("user"), Progress.none());
    var manifest =
        ManifestMaker.make(
            material,
            List.of("disk"),
            Map.of("disk", folder.resolve("disk.img")),
            new byte[] {1},
            1);
    SigningKey.generate(folder.resolve("key"), folder.resolve("key.pub"));
    byte[] bytes = ManifestFile.toJson(manifest).getBytes(StandardCharsets.UTF_8);
    Path file = Files.write(folder.resolve("user.manifest"), bytes);
    Files.write(SignatureFile.of(file), SigningKey.read(folder.resolve("key")).sign(bytes));
    return description;
  }

  private VerifiedBoot boot() throws Exception {
    Path manifest = folder.resolve("user.manifest");
    VerifiedPartition user =
        new VerifiedPartition("user", manifest, SignatureFile.of(manifest), Map.of());
    return new VerifiedBoot(
        Optional.of(
            new VerifiedBootDescription(folder.resolve("key.pub"), Others.START, List.of(user))),
        StateStore.open(folder.resolve("state")),
        folder.resolve("logs"),
        InstantSource.system());
  }
}
