package dev.portcullis.management.health;

import dev.portcullis.devices.nvme.NvmeController;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.machine.chassis.Chassis;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.ConfigRegisters;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.assign.Assignment;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.partition.Partition;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Writes and reads a page as each assigned function, through the tables of its partition.
///
/// The page is the monitor's; for as long as that takes, it is the last one that the partition's
/// devices can address.
final class LoopbackCheck {
  private static final int PAGE = (int) PageRange.PAGE_BYTES;
  private static final long NOBODY = 0xffff_ffffL;

  /// All map their page in the same place.
  private static final Object ONE_AT_A_TIME = new Object();

  private final RunningPlatform platform;
  private final MemoryMap memory;
  private final Predicate<RequesterId> wanted;
  private final List<CheckResult> results = new ArrayList<>();

  /// @param wanted which functions are looked at
  LoopbackCheck(RunningPlatform platform, Predicate<RequesterId> wanted) {
    this.wanted = wanted;
    this.platform = platform;
    this.memory = platform.memory().map();
  }

  List<CheckResult> run() {
    synchronized (ONE_AT_A_TIME) {
      return runAlone();
    }
  }

  private List<CheckResult> runAlone() {
    for (RunningPartition one : platform.partitions()) {
      List<Assignment> functions =
          platform.lvmm().assignments().of(one.partition()).stream()
              .filter(function -> wanted.test(function.function().at()))
              .toList();
      if (!functions.isEmpty()) {
        run(one.partition(), functions);
      }
    }
    if (results.isEmpty()) {
      results.add(CheckResult.skipped(Check.DMA, "functions", "none is assigned"));
    }
    return results;
  }

  private void run(Partition partition, List<Assignment> functions) {
    try {
      PageRange page = platform.lvmm().share("the monitor: diagnosis", PAGE, partition);
      try {
        clear(page);
        run(partition, functions, page);
      } finally {
        clear(page);
        platform.lvmm().unshare(page);
      }
    } catch (VmmException | DriverException e) {
      if (platform.partitions().stream().noneMatch(one -> one.partition() == partition)) {
        return;
      }
      results.add(
          CheckResult.failed(
              Check.DMA, partition.name(), "no page can be mapped: " + e.getMessage()));
    }
  }

  private void clear(PageRange page) {
    memory.write(page.first(), Pattern.zeroes(PAGE), 0, PAGE);
  }

  private void run(Partition partition, List<Assignment> functions, PageRange page)
      throws VmmException, DriverException {
    long last = (1L << partition.domain().addressBits()) - PAGE;
    PageRange guest = new PageRange(last, PAGE);
    partition.map(guest, page.first(), Rights.READ_WRITE);
    try {
      for (Assignment function : functions) {
        RequesterId at = function.function().at();
        String name = platform.description().nameOf(at);
        platform.chassis().slots().stream()
            .filter(slot -> slot.at().equals(at))
            .findFirst()
            .ifPresent(slot -> results.add(run(name, slot, partition, guest, page)));
      }
    } finally {
      partition.unmap(guest);
      partition.settle();
      partition.domain().trim();
    }
  }

  private CheckResult run(
      String name, Chassis.Slot slot, Partition partition, PageRange guest, PageRange page) {
    if (slot.onBus().readConfig(ConfigRegisters.VENDOR_ID, 4) == NOBODY) {
      return CheckResult.failed(Check.DMA, name, "it does not answer in configuration space");
    }
    if (slot.function() instanceof NvmeController disk && disk.hasFailed()) {
      return CheckResult.failed(Check.DMA, name, "it says that it has failed, and needs a reset");
    }
    if (platform.isStopped(slot.at())) {
      return CheckResult.skipped(Check.DMA, name, "it was stopped: it has to reach nothing");
    }
    if ((slot.function().readConfig(ConfigRegisters.COMMAND, 2) & ConfigRegisters.BUS_MASTER_ENABLE)
        == 0) {
      return CheckResult.skipped(
          Check.DMA, name, "its software has not made it a bus master: no request leaves it");
    }
    MemorySegment pattern = Pattern.of(System.nanoTime(), PAGE);
    MemorySegment back = Pattern.zeroes(PAGE);
    Completion completion = slot.function().loopBack(guest.first(), pattern, back);
    // Waits for a change that is under way: what it has begun may be why the request ended so.
    boolean isStill =
        platform.lvmm().assignments().of(partition).stream()
            .anyMatch(now -> now.function().at().equals(slot.at()));
    if (!isStill || platform.isStopped(slot.at())) {
      return CheckResult.skipped(Check.DMA, name, "it was taken away meanwhile");
    }
    return judge(name, completion, back.mismatch(pattern) < 0 && isThere(page, pattern), guest);
  }

  private boolean isThere(PageRange page, MemorySegment pattern) {
    MemorySegment there = Pattern.zeroes(PAGE);
    return memory.read(page.first(), there, 0, PAGE) && there.mismatch(pattern) < 0;
  }

  private static CheckResult judge(
      String name, Completion completion, boolean isWhole, PageRange guest) {
    if (!completion.isSuccess()) {
      return CheckResult.failed(
          Check.DMA, name, "its request to a mapped page ended with " + completion);
    }
    return isWhole
        ? CheckResult.passed(
            Check.DMA, name, "4,096 bytes came back from %#x".formatted(guest.first()))
        : CheckResult.failed(Check.DMA, name, "what came back is not what was written");
  }
}
