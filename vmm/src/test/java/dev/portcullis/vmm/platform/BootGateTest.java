package dev.portcullis.vmm.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.devices.block.BlockBackend;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.engine.BootRefusedException;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.event.Event;
import dev.portcullis.vmm.event.EventSink;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.platform.boot.BootDecision;
import dev.portcullis.vmm.platform.boot.BootMaterial;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Somebody is asked before a partition begins.
class BootGateTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int IMAGE_AT = 12 << 20;
  private static final int IMAGE_BYTES = 10_000;

  @TempDir private Path folder;
  private final List<BootMaterial> asked =
      java.util.Collections.synchronizedList(new ArrayList<>());
  private volatile Refusal refusal = material -> "";
  private RunningPlatform platform;

  /// Says why a partition must not begin; nothing if it may.
  private interface Refusal {
    String of(BootMaterial material) throws InterruptedException;
  }

  @BeforeEach
  void writeImage() throws Exception {
    Files.write(folder.resolve("user.img"), image(1));
  }

  private static byte[] image(int seed) {
    byte[] bytes = new byte[IMAGE_BYTES];
    new java.util.Random(seed).nextBytes(bytes);
    return bytes;
  }

  private void start() throws Exception {
    String yaml =
        """
        memory: 128M
        units: [{at: 00:01.0, profile: scalable}]
        devices:
          - {name: nic, type: virtio-net, at: 00:03.0}
          - {name: disk, type: nvme, at: 00:04.0, size: 16M, file: disk.img}
        partitions:
          - name: user
            memory: 16M
            runs: client
            address: 10.9.0.2/24
            devices: [disk]
            image: {file: user.img, at: 12M}
          - {name: services, memory: 32M, runs: bridge, devices: [nic]}
          - {name: other, memory: 16M, runs: client, address: 10.9.0.3/24}
        links:
          - between: [user, services]
          - between: [other, services]
        """;
    platform =
        RunningPlatform.start(
            PlatformFile.parse("test.yaml", folder, yaml), folder, event -> {}, this::decide);
  }

  private BootDecision decide(BootMaterial material) throws InterruptedException {
    asked.add(material);
    String reason = refusal.of(material);
    return reason.isEmpty()
        ? BootDecision.admitted("it is fine", Map.of())
        : BootDecision.refused(reason, Map.of());
  }

  @AfterEach
  void stop() {
    assertThat(platform.lvmm().breaches()).isEmpty();
    platform.close();
  }

  private EngineState state(String name) throws Exception {
    return platform.partition(name).engine().state();
  }

  private List<String> askedAbout() {
    return asked.stream().map(BootMaterial::partition).toList();
  }

  /// As text: arrays would fill the screen.
  private String loaded() throws Exception {
    byte[] bytes = new byte[IMAGE_BYTES];
    long hpa = platform.partition("user").partition().window().first() + IMAGE_AT;
    assertThat(platform.memory().map().read(hpa, MemorySegment.ofArray(bytes), 0, bytes.length))
        .isTrue();
    return text(bytes);
  }

  private static String text(byte[] bytes) {
    return HexFormat.of().formatHex(bytes, 0, 64) + Arrays.hashCode(bytes);
  }

  private static String about(String partition, BootMaterial material) {
    return material.partition().equals(partition) ? "the image is another" : "";
  }

  @Test
  void whatIsRefusedStaysOffAndTheOthersStart() throws Exception {
    refusal = material -> about("user", material);
    start();

    assertThat(state("user"))
        .isEqualTo(EngineState.of(Phase.FAILED, "not booted: the image is another"));
    assertThat(loaded()).isEqualTo(text(new byte[IMAGE_BYTES]));
    platform.partition("other").client().orElseThrow().ping(Ipv4Address.parse("10.9.0.1"), LIMIT);
    BlockingQueue<Event> told = new LinkedBlockingQueue<>();
    platform.events().add(new Sink(told));
    assertThatThrownBy(() -> platform.power(PowerAction.START, "user"))
        .isInstanceOf(BootRefusedException.class);
    assertThat(told.take())
        .returns(EventType.BOOT_REFUSED, Event::type)
        .returns("partition user is not booted: the image is another", Event::text);

    refusal = material -> "";
    platform.power(PowerAction.START, "user");
    assertThat(state("user")).isEqualTo(EngineState.of(Phase.RUNNING));
  }

  private record Sink(BlockingQueue<Event> told) implements EventSink {
    @Override
    public String name() {
      return "test";
    }

    @Override
    public void accept(Event event) {
      told.add(event);
    }

    @Override
    public void close() {}
  }

  @Test
  void everyWayToBeginIsAskedAbout() throws Exception {
    start();
    assertThat(askedAbout()).containsExactly("user", "services", "other");
    asked.clear();

    platform.power(PowerAction.RESET, "user");
    platform.power(PowerAction.KILL, "user");
    platform.power(PowerAction.START, "user");
    platform.power(PowerAction.POWER_DOWN, "user");
    platform.power(PowerAction.START, "user");
    assertThat(askedAbout()).containsExactly("user", "user", "user");

    refusal = material -> about("user", material);
    assertThatThrownBy(() -> platform.power(PowerAction.RESET, "user"))
        .isInstanceOf(BootRefusedException.class)
        .hasMessage("not booted: the image is another");
    assertThat(state("user").phase()).isEqualTo(Phase.FAILED);
    assertThat(state("services").phase()).isEqualTo(Phase.RUNNING);
  }

  @Test
  void imageAndDisksAreShownAsTheyAre() throws Exception {
    start();

    BootMaterial user = asked.getFirst();
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(image(1));
    assertThat(user.parts()).hasSize(1);
    assertThat(user.parts().getFirst().sha256()).isEqualTo(HexFormat.of().formatHex(digest));
    assertThat(user.parts().getFirst().bytes()).isEqualTo(IMAGE_BYTES);
    assertThat(user.commandLine()).isEmpty();
    assertThat(user.disks()).hasSize(1);
    assertThat(user.disks().getFirst().name()).isEqualTo("disk");
    assertThat(asked.get(1).disks()).isEmpty();
    assertThat(loaded()).isEqualTo(text(image(1)));
  }

  @Test
  void whatWasShownIsLoadedAlthoughTheFileWasSwapped() throws Exception {
    refusal = material -> swap(material, image(2));
    start();

    assertThat(loaded()).isEqualTo(text(image(1)));
    assertThat(folder.resolve("user.img")).hasBinaryContent(image(2));

    platform.power(PowerAction.RESET, "user");
    assertThat(loaded()).isEqualTo(text(image(2)));
    assertThat(asked.getLast().parts().getFirst().sha256())
        .isNotEqualTo(asked.getFirst().parts().getFirst().sha256());
  }

  private String swap(BootMaterial material, byte[] image) {
    try {
      if (material.partition().equals("user")) {
        Path next = Files.write(folder.resolve("next"), image);
        Files.move(
            next,
            folder.resolve("user.img"),
            java.nio.file.StandardCopyOption.ATOMIC_MOVE,
            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      }
      return "";
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void diskThatIsShownIsTheOneThatTheDeviceHas() throws Exception {
    start();
    Path other = Files.write(folder.resolve("next"), new byte[16 << 20]);
    Files.move(other, folder.resolve("disk.img"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    platform.partition("user").client().orElseThrow().disk(1 << 20, LIMIT);
    platform.power(PowerAction.RESET, "user");

    BlockBackend blocks = asked.getLast().disks().getFirst().blocks();
    ByteBuffer first = ByteBuffer.allocate(1 << 20);
    blocks.read(0, first);
    assertThat(
            MemorySegment.ofArray(first.array()).mismatch(MemorySegment.ofArray(new byte[1 << 20])))
        .as("the device's disk has what the partition wrote")
        .isNotEqualTo(-1);
  }

  @Test
  void killIsNotHeldUpAndPreventsWhatIsBeingLookedAt() throws Exception {
    start();
    platform.power(PowerAction.KILL, "user");
    CountDownLatch looking = new CountDownLatch(1);
    CountDownLatch killed = new CountDownLatch(1);
    refusal =
        material -> {
          looking.countDown();
          killed.await();
          return "";
        };
    FutureTask<Void> begin =
        new FutureTask<>(() -> {
          platform.power(PowerAction.START, "user");
          return null;
        });
    Thread.ofPlatform().start(begin);
    looking.await();
    platform.power(PowerAction.KILL, "user");
    killed.countDown();

    assertThatThrownBy(begin::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(EngineException.class)
        .hasMessageContaining("partition user is off");
    assertThat(state("user")).isEqualTo(EngineState.of(Phase.OFF));
  }

  @Test
  void gateThatFailsRefuses() throws Exception {
    refusal =
        material -> {
          throw new IllegalStateException("a bug");
        };
    start();

    assertThat(state("user").toString())
        .isEqualTo(
            "failed: not booted: the check itself failed: java.lang.IllegalStateException: a bug");
    assertThat(state("services").phase()).isEqualTo(Phase.FAILED);
  }

  @Test
  void imageThatIsMissingOrTooLargeIsSaid() throws Exception {
    start();
    Files.delete(folder.resolve("user.img"));
    assertThatThrownBy(() -> platform.power(PowerAction.RESET, "user"))
        .hasMessage("cannot be booted: there is no file " + folder.resolve("user.img"));

    Files.write(folder.resolve("user.img"), new byte[(4 << 20) + 1]);
    assertThatThrownBy(() -> platform.power(PowerAction.START, "user"))
        .hasMessageEndingWith("user.img is longer than 4,194,304 bytes");
    assertThat(state("user").phase()).isEqualTo(Phase.FAILED);
  }
}
