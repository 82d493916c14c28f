package dev.portcullis.management.health;

import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.device.Device;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.domain.PagingDomain.Stage;
import dev.portcullis.driver.fault.FaultRecord;
import dev.portcullis.driver.interrupt.InterruptBlock;
import dev.portcullis.driver.interrupt.InterruptTable;
import dev.portcullis.driver.interrupt.InterruptTarget;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.UpstreamPort;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.interrupt.RemappableFormat;
import dev.portcullis.spec.interrupt.SourceCheck;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.memory.Owner;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.platform.Probe;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Has the unit walk tables that are known, for requests of a [Probe], and sees whether what comes
/// of them is what the tables say: data, or a fault with its reason.
///
/// The pages are the monitor's own; no partition's table, page or interrupt is touched.
final class UnitCheck {
  private static final int PAGE = (int) PageRange.PAGE_BYTES;
  private static final long LARGE_PAGE = 2L << 20;
  private static final long IOVA = 1L << 30;
  private static final int VECTOR = 0x51;
  private static final int TRIES = 8;

  private final RunningPlatform platform;
  private final RemappingDriver driver;
  private final MemoryMap memory;
  private final long first;
  private final long second;
  private final List<CheckResult> results = new ArrayList<>();

  /// One thing that must hold.
  private interface Step {
    /// @return what was seen, for people
    String run() throws Wrong, DriverException, VmmException;
  }

  UnitCheck(RunningPlatform platform) {
    this.platform = platform;
    this.driver = platform.driver();
    this.memory = platform.memory().map();
    this.first = platform.own().first();
    this.second = first + PAGE;
  }

  List<CheckResult> run() {
    step("set up", this::steps);
    return results;
  }

  private String steps() throws DriverException, VmmException {
    try (Probe probe = platform.openProbe()) {
      PagingDomain domain = driver.domains().paging();
      Device device = driver.device(probe.requester().id(), DeviceFeatures.NONE);
      try {
        device.attach(domain);
        dma(probe, domain);
        device.detach();
        step("nothing attached", () -> detached(probe));
      } finally {
        driver.remove(device);
        domain.close();
      }
      interrupts(probe);
      return "requester %s, %s mode".formatted(probe.requester(), driver.traits().mode());
    } finally {
      clear();
    }
  }

  private void step(String name, Step step) {
    try {
      results.add(CheckResult.passed(Check.UNIT, name, step.run()));
    } catch (Wrong e) {
      results.add(CheckResult.failed(Check.UNIT, name, e.getMessage()));
    } catch (DriverException | VmmException e) {
      results.add(CheckResult.failed(Check.UNIT, name, "cannot be done: " + e.getMessage()));
    }
  }

  private void clear() {
    memory.write(first, Pattern.zeroes(2 * PAGE), 0, 2L * PAGE);
  }

  // Memory.

  private void dma(Probe probe, PagingDomain domain) {
    step("translation", () -> translates(probe.port(), domain));
    step("invalidation", () -> forgets(probe.port(), domain));
    step("no right to write", () -> readOnly(probe, domain));
    step("not mapped", () -> unmapped(probe, domain));
    large(probe, domain);
  }

  private String translates(UpstreamPort port, PagingDomain domain) throws Wrong, DriverException {
    domain.map(IOVA, first, PAGE, Rights.READ_WRITE);
    MemorySegment pattern = pattern();
    demand(port.write(IOVA, pattern, 0, PAGE), "the write");
    demandThere(first, pattern);
    demandRead(port, IOVA, pattern);
    return "a page was written and read through %d-bit tables".formatted(domain.addressBits());
  }

  private String forgets(UpstreamPort port, PagingDomain domain) throws Wrong, DriverException {
    MemorySegment other = pattern();
    memory.write(second, other, 0, PAGE);
    domain.unmap(IOVA, PAGE);
    domain.map(IOVA, second, PAGE, Rights.READ_WRITE);
    demandRead(port, IOVA, other);
    return "a page that was replaced is reached no more";
  }

  private String readOnly(Probe probe, PagingDomain domain) throws Wrong, DriverException {
    MemorySegment there = pattern();
    memory.write(second, there, 0, PAGE);
    domain.protect(IOVA, PAGE, Rights.READ);
    demandRead(probe.port(), IOVA, there);
    FaultReason reason =
        driver.traits().isScalable()
            ? FaultReason.SCALABLE_WRITE_NOT_PERMITTED
            : FaultReason.WRITE_NOT_PERMITTED;
    MemorySegment other = pattern();
    demandRefused(probe, () -> probe.port().write(IOVA, other, 0, PAGE), reason);
    demandThere(second, there);
    return refused("a write", reason);
  }

  private String unmapped(Probe probe, PagingDomain domain) throws Wrong, DriverException {
    domain.unmap(IOVA, PAGE);
    FaultReason reason = FaultReason.READ_NOT_PERMITTED;
    if (driver.traits().isScalable()) {
      reason =
          domain.stage() == Stage.FIRST
              ? FaultReason.FIRST_STAGE_NOT_PRESENT
              : FaultReason.SECOND_STAGE_NOT_PRESENT;
    }
    demandReadRefused(probe, IOVA, reason);
    return refused("a read", reason);
  }

  private String detached(Probe probe) throws Wrong {
    FaultReason reason =
        driver.traits().isScalable()
            ? FaultReason.PASID_NOT_PRESENT
            : FaultReason.CONTEXT_NOT_PRESENT;
    demandReadRefused(probe, IOVA, reason);
    return refused("a read", reason);
  }

  private void large(Probe probe, PagingDomain domain) {
    String name = "large page";
    int level =
        domain.stage() == Stage.FIRST
            ? driver.traits().firstStagePageLevel()
            : driver.traits().secondStagePageLevel();
    if (level < 2) {
      results.add(CheckResult.skipped(Check.UNIT, name, "the unit has none"));
      return;
    }
    try {
      PageRange page =
          platform
              .lvmm()
              .physical()
              .allocate(LARGE_PAGE, new Owner.Reserved("the monitor: diagnosis"));
      try {
        step(name, () -> large(probe, domain, page.first()));
      } finally {
        platform.lvmm().physical().release(page);
      }
    } catch (VmmException full) {
      results.add(CheckResult.skipped(Check.UNIT, name, "no 2 MiB of memory are free"));
    }
  }

  /// Of what was in that memory nothing is reached but the page that is overwritten first.
  private String large(Probe probe, PagingDomain domain, long hpa) throws Wrong, DriverException {
    long last = LARGE_PAGE - PAGE;
    MemorySegment pattern = pattern();
    try {
      domain.map(IOVA, hpa, LARGE_PAGE, Rights.READ_WRITE);
      demand(probe.port().write(IOVA + last, pattern, 0, PAGE), "the write");
      demandThere(hpa + last, pattern);
      domain.unmap(IOVA, PAGE);
      demandRead(probe.port(), IOVA + last, pattern);
    } finally {
      domain.unmap(IOVA, LARGE_PAGE);
      memory.write(hpa + last, Pattern.zeroes(PAGE), 0, PAGE);
    }
    return "a page of 2 MiB was written, split, and read";
  }

  // Interrupts.

  private void interrupts(Probe probe) throws DriverException, VmmException {
    Optional<InterruptTable> table = driver.interrupts();
    if (table.isEmpty()) {
      results.add(
          CheckResult.skipped(Check.UNIT, "interrupts", "the unit does not remap interrupts"));
      return;
    }
    InterruptBlock block = table.get().allocate(1);
    try (Probe other = platform.openProbe()) {
      block.remap(
          0,
          InterruptTarget.of(VECTOR, probe.destination()),
          SourceCheck.requester(probe.requester().id()));
      step("interrupt", () -> arrives(probe, block.message(0)));
      step("interrupt of another", () -> impostor(probe, other, block.message(0)));
      block.clear(0);
      step("interrupt without entry", () -> absent(probe, block.message(0)));
    } finally {
      block.close();
    }
  }

  private static String arrives(Probe probe, RemappableFormat message) throws Wrong {
    probe.takeInterrupts();
    probe.port().message(message.address(), message.data());
    List<Integer> vectors = probe.takeInterrupts();
    if (!vectors.equals(List.of(VECTOR))) {
      throw new Wrong(
          "vector %d should have come once, and these came: %s".formatted(VECTOR, vectors));
    }
    return "it came where its entry says";
  }

  private String impostor(Probe probe, Probe other, RemappableFormat message) throws Wrong {
    demandRefused(
        other,
        () -> other.port().message(message.address(), message.data()),
        FaultReason.SOURCE_NOT_VALID);
    demandNothingCame(probe);
    return refused("an interrupt", FaultReason.SOURCE_NOT_VALID);
  }

  private String absent(Probe probe, RemappableFormat message) throws Wrong {
    demandRefused(
        probe,
        () -> probe.port().message(message.address(), message.data()),
        FaultReason.INTERRUPT_ENTRY_NOT_PRESENT);
    demandNothingCame(probe);
    return refused("an interrupt", FaultReason.INTERRUPT_ENTRY_NOT_PRESENT);
  }

  private static void demandNothingCame(Probe probe) throws Wrong {
    List<Integer> vectors = probe.takeInterrupts();
    if (!vectors.isEmpty()) {
      throw new Wrong("it was recorded as refused, and came all the same: " + vectors);
    }
  }

  // What must hold.

  private static MemorySegment pattern() {
    return Pattern.of(System.nanoTime(), PAGE);
  }

  private static String refused(String what, FaultReason reason) {
    return "%s was refused and recorded, %02xh: %s"
        .formatted(what, reason.code(), reason.description());
  }

  private static void demand(Completion completion, String what) throws Wrong {
    if (!completion.isSuccess()) {
      throw new Wrong("%s ended with %s".formatted(what, completion));
    }
  }

  private void demandThere(long hpa, MemorySegment pattern) throws Wrong {
    MemorySegment there = Pattern.zeroes(PAGE);
    if (!memory.read(hpa, there, 0, PAGE) || there.mismatch(pattern) >= 0) {
      throw new Wrong("the page is not what it should be in memory");
    }
  }

  private static void demandRead(UpstreamPort port, long iova, MemorySegment pattern) throws Wrong {
    MemorySegment back = Pattern.zeroes(PAGE);
    demand(port.read(iova, back, 0, PAGE), "the read");
    if (back.mismatch(pattern) >= 0) {
      throw new Wrong("what was read is not what is there");
    }
  }

  private static void demandReadRefused(Probe probe, long iova, FaultReason reason) throws Wrong {
    MemorySegment back = Pattern.zeroes(PAGE);
    demandRefused(probe, () -> probe.port().read(iova, back, 0, PAGE), reason);
    if (back.mismatch(Pattern.zeroes(PAGE)) >= 0) {
      throw new Wrong("the read was refused, and brought data");
    }
  }

  /// Others' faults may leave no record free: then it is tried again.
  private static void demandRefused(Probe probe, Supplier<Completion> request, FaultReason reason)
      throws Wrong {
    probe.takeFaults();
    for (int i = 0; i < TRIES; i++) {
      Completion completion = request.get();
      List<FaultRecord> faults = probe.takeFaults();
      if (!faults.isEmpty()) {
        FaultRecord fault = faults.getFirst();
        if (fault.reasonCode() != reason.code()) {
          throw new Wrong("it should be refused with %02xh: %s".formatted(reason.code(), fault));
        }
        return;
      }
      if (completion.isSuccess() && !isInterrupt(reason)) {
        throw new Wrong("it should be refused, and was not");
      }
    }
    throw new Wrong("nothing was recorded of it, %d times".formatted(TRIES));
  }

  /// A message is posted: that it was refused says its record.
  private static boolean isInterrupt(FaultReason reason) {
    return reason.name().startsWith("INTERRUPT") || reason == FaultReason.SOURCE_NOT_VALID;
  }
}
