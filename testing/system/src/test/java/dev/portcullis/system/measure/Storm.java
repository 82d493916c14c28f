package dev.portcullis.system.measure;

import com.sun.management.OperatingSystemMXBean;
import dev.portcullis.machine.chassis.Chassis;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A device that does DMA on and on, on a thread of its own. It is `iommu-testdev`, which goes on
/// when it is no bus master any more: as badly as a device can behave.
final class Storm implements AutoCloseable {
  private static final int PAGE_BYTES = 4096;
  private static final int TRIGGER = 0x00;
  private static final int ADDRESS = 0x04;
  private static final int LENGTH = 0x0c;
  private static final int DOORBELL = 0x14;

  /// In the partition's memory, and in nobody's.
  private static final long PERMITTED = 0x10_0000;

  private static final long REFUSED = 0x40_0000_0000L;

  private final RunningPlatform platform;
  private final RequesterId at;
  private final PciFunction function;
  private final Kind kind;
  private final long startNanos = System.nanoTime();
  private final long readersStartNanos = readersNanos();
  private final Thread thread;
  private volatile boolean ended;

  /// Written by the thread alone.
  private volatile long pages;

  /// What the device does.
  enum Kind {
    NOTHING("nothing", 0, 0),
    PERMITTED_SOME("10,000 DMA/s, permitted", PERMITTED, 10),
    REFUSED_SOME("10,000 DMA/s, refused", REFUSED, 10),
    PERMITTED_MOST("as much as it can, permitted", PERMITTED, 0),
    REFUSED_MOST("as much as it can, refused", REFUSED, 0),
    STOPPED("as much as it can, stopped by a rule", PERMITTED, 0);

    private final String title;
    private final long address;
    private final int perMillisecond;

    /// @param perMillisecond 0 for as many as there can be
    Kind(String title, long address, int perMillisecond) {
      this.title = title;
      this.address = address;
      this.perMillisecond = perMillisecond;
    }

    String title() {
      return title;
    }

    /// What it is compared with: the same number of DMAs that nobody refuses; and where the device
    /// is held back, nothing at all.
    Kind heldAgainst() {
      return this == REFUSED_SOME ? PERMITTED_SOME : NOTHING;
    }
  }

  private Storm(RunningPlatform platform, RequesterId at, Kind kind) {
    this.platform = platform;
    this.at = at;
    this.kind = kind;
    this.function =
        platform.chassis().slots().stream()
            .filter(slot -> slot.at().equals(at))
            .map(Chassis.Slot::function)
            .findFirst()
            .orElseThrow();
    this.thread = Thread.ofPlatform().daemon().name("storm").unstarted(this::rage);
  }

  static Storm begin(RunningPlatform platform, Kind kind) throws VmmException {
    RequesterId at = platform.description().device("rogue");
    if (kind == Kind.STOPPED) {
      platform.lvmm().assignments().quarantine(at, "other");
    }
    Storm storm = new Storm(platform, at, kind);
    if (kind != Kind.NOTHING) {
      storm.thread.start();
    }
    return storm;
  }

  private void rage() {
    int atOnce = kind.perMillisecond == 0 ? 16 : kind.perMillisecond;
    long next = System.nanoTime();
    while (!ended) {
      for (int done = 0; done < atOnce; done += 2) {
        dmaTwice();
      }
      if (kind.perMillisecond != 0) {
        next += TimeUnit.MILLISECONDS.toNanos(1);
        while (!ended && System.nanoTime() < next) {
          LockSupport.parkNanos(next - System.nanoTime());
        }
      }
    }
  }

  /// Two DMAs, of 4 bytes each to two pages, as the partition's processor sets them off.
  private void dmaTwice() {
    function.writeBar(0, ADDRESS, 8, kind.address + PAGE_BYTES - 4);
    function.writeBar(0, LENGTH, 4, 8);
    function.writeBar(0, DOORBELL, 4, 1);
    function.readBar(0, TRIGGER, 4);
    pages += 2;
  }

  /// Processor time of the thread that reads faults, in milliseconds a second, since the storm
  /// began.
  double readersMillisPerSecond() {
    return (readersNanos() - readersStartNanos) / 1e6 / ((System.nanoTime() - startNanos) / 1e9);
  }

  /// Processor time of this process but for the storm's thread, in nanoseconds.
  long othersNanos() {
    long own = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId());
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime()
        - Math.max(0, own);
  }

  private static long readersNanos() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
        .filter(info -> info != null && info.getThreadName().equals("monitor faults"))
        .mapToLong(info -> threads.getThreadCpuTime(info.getThreadId()))
        .sum();
  }

  /// DMA a second until now.
  double perSecond() {
    return pages / ((System.nanoTime() - startNanos) / 1e9);
  }

  @Override
  public void close() throws VmmException {
    ended = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (kind == Kind.STOPPED) {
      platform.lvmm().assignments().resume(at);
    }
  }
}
