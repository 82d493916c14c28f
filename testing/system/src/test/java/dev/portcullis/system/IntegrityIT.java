package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.integrity.IntegrityAgents;
import dev.portcullis.management.integrity.IntegrityDescription;
import dev.portcullis.management.integrity.IntegrityDescription.Kernel;
import dev.portcullis.management.integrity.IntegrityDescription.Watched;
import dev.portcullis.management.integrity.WatchStatus;
import dev.portcullis.management.integrity.WatchedRange;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.event.Event;
import dev.portcullis.vmm.event.EventSink;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.partition.Guard;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client.DmaEnd;
import dev.portcullis.vmm.software.linux.LinuxClient;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The kernel of an unmodified Linux, wherever it lies this time, is watched from outside.
class IntegrityIT {
  private static final RequesterId EDU = RequesterId.parse("00:06.0");
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Pattern CODE =
      Pattern.compile("([0-9a-f]{8,16})-([0-9a-f]{8,16}) : Kernel code");

  private static final String PLATFORM =
      """
      memory: 1G
      units: [{at: 00:04.0, preset: server-legacy}]
      devices:
        - {type: nvme, at: 00:05.0, size: 64M}
        - {type: edu, at: 00:06.0}
      partitions:
        - {name: user, engine: qemu, runs: client, memory: 256M, devices: [00:05.0, 00:06.0]}
      """;

  @TempDir private Path folder;
  private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private RunningPlatform platform;
  private IntegrityAgents agents;
  private RunningPartition user;

  @BeforeEach
  void start() throws Exception {
    platform =
        RunningPlatform.start(
            PlatformFile.parse("one.yaml", folder, PLATFORM), folder, event -> {});
    platform.events().add(new Collector());
    user = platform.partition("user");
    agents =
        IntegrityAgents.start(
            new IntegrityDescription(
                50, List.of(new Watched("user", Guard.DEVICES, Kernel.LINUX, List.of()))),
            platform,
            List.of());
  }

  @AfterEach
  void stop() {
    agents.close();
    platform.close();
  }

  private final class Collector implements EventSink {
    @Override
    public String name() {
      return "test";
    }

    @Override
    public void accept(Event event) {
      events.add(event);
    }

    @Override
    public void close() {}
  }

  private LinuxClient client() {
    return (LinuxClient) user.client().orElseThrow();
  }

  /// The next event about integrity.
  private Event next() throws InterruptedException {
    Event event = events.poll(5, TimeUnit.MINUTES);
    while (event != null && !event.type().word().startsWith("integrity.")) {
      event = events.poll(5, TimeUnit.MINUTES);
    }
    assertThat(event).as("something was told").isNotNull();
    return event;
  }

  private WatchStatus status() {
    return agents.status().getFirst();
  }

  private PageRange kernelText() throws Exception {
    Event watched = next();
    assertThat(watched.type()).isEqualTo(EventType.INTEGRITY_WATCH);
    assertThat((long) watched.data().get("jump-labels")).isGreaterThan(1000);
    Matcher code = CODE.matcher(client().shell().run("cat /proc/iomem", Lab.BOOT).text());
    assertThat(code.find()).isTrue();
    long first = Long.parseUnsignedLong(code.group(1), 16);
    WatchedRange text = status().ranges().getFirst();
    assertThat(text.name()).isEqualTo("kernel text");
    assertThat(text.guest().first()).as("where the guest itself has it").isEqualTo(first);
    assertThat(text.guest().bytes()).isGreaterThan(8 << 20);
    assertThat(status().ranges()).anyMatch(one -> one.name().equals("kernel read-only data"));
    return text.guest();
  }

  @Test
  void whatMalwareDoesToTheKernelIsRefusedOrFound() throws Exception {
    PageRange text = kernelText();
    assertThat(client().disk(4 << 20, LIMIT).isEqual()).as("its own work goes on").isTrue();

    assertThat(client().attack(EDU, text.first() + 0x1000, LIMIT)).isEqualTo(DmaEnd.REFUSED);
    platform.readFaults();
    Event denied = next();
    assertThat(denied.type()).isEqualTo(EventType.INTEGRITY_DENIED);
    assertThat(denied.subject().partition()).contains("user");
    assertThat(denied.subject().function()).contains(EDU);
    assertThat(denied.data())
        .containsEntry("range", "kernel text")
        .containsEntry("address", "%#x".formatted(text.first() + 0x1000));

    // A write of the guest's processor, by way of the same memory.
    long last = text.end() - PageRange.PAGE_BYTES;
    assertThat(user.partition().processors().store(last + 0xff8, 8, 0xcc_cccc)).isTrue();
    Event found = next();
    assertThat(found.type()).isEqualTo(EventType.INTEGRITY_VIOLATION);
    assertThat(found.data())
        .containsEntry("range", "kernel text")
        .containsEntry("address", "%#x".formatted(last));
  }

  private byte[] read(PageRange pages) {
    byte[] bytes = new byte[(int) pages.bytes()];
    long hpa = user.partition().map().hpa(pages.first()).orElseThrow();
    assertThat(platform.memory().map().read(hpa, MemorySegment.ofArray(bytes), 0, bytes.length))
        .isTrue();
    return bytes;
  }

  /// What a kernel switches in its own text while it runs is right: here the statistics of its
  /// scheduler, for which it has jump labels.
  @Test
  void whatTheKernelSwitchesItselfIsRight() throws Exception {
    PageRange text = kernelText();
    byte[] before = read(text);
    for (int on = 1; on >= 0; on--) {
      client()
          .shell()
          .run("echo %d > /proc/sys/kernel/sched_schedstats".formatted(on), Lab.BOOT)
          .text();
      assertThat(Arrays.mismatch(before, read(text)) >= 0).as("it is switched").isEqualTo(on == 1);
      long rotations = status().rotations();
      EventCollector.await("all is looked at", () -> status().rotations() >= rotations + 2);
    }
    assertThat(events)
        .extracting(Event::type)
        .doesNotContain(EventType.INTEGRITY_VIOLATION, EventType.INTEGRITY_DENIED);
    assertThat(status().changes()).isZero();
  }

  @Test
  void aKernelThatBootsAnewIsFoundAnew() throws Exception {
    kernelText();
    platform.power(PowerAction.RESET, "user");
    PageRange text = kernelText();
    assertThat(client().attack(EDU, text.first(), LIMIT)).isEqualTo(DmaEnd.REFUSED);
    platform.readFaults();
    assertThat(next().type()).isEqualTo(EventType.INTEGRITY_DENIED);
  }
}
